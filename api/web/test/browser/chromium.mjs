// Finds the Chromium of this machine and starts it so that it draws alike on every machine: in software, with DejaVu, in sRGB.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

export const howToInstall = 'install Chromium (Debian: apt-get install chromium; macOS: brew install --cask chromium), or set CHROMIUM to a browser of its kind'

// executable is where the browser is, undefined where there is none.
export function executable() {
  if (process.env.CHROMIUM) return existsSync(process.env.CHROMIUM) ? process.env.CHROMIUM : undefined
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return [
    '/usr/bin/chromium', '/usr/bin/chromium-browser',
    ...['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) => folders.map((folder) => join(folder, name))),
    '/Applications/Chromium.app/Contents/MacOS/Chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find((path) => existsSync(path))
}

const args = [
  '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost', // nothing leaves this machine
  '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', // WebGL without a graphics card
  '--disable-gpu-rasterization', '--disable-gpu-compositing', // which some builds turn on
  '--force-color-profile=srgb', '--font-render-hinting=none', '--disable-lcd-text',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // which Chromium asks for where it is root
]

export function launch() {
  const executablePath = executable()
  if (!executablePath) throw new Error(`there is no browser: ${howToInstall}`)
  const env = { ...process.env, FONTCONFIG_FILE: fileURLToPath(new URL('fonts.conf', import.meta.url)) }
  return chromium.launch({ executablePath, args, env, timeout: 30_000 })
}
