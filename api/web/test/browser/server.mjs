// `arpent demo` for tests: always the same invented town, on a free port, in a workspace of its own.
//
//   const demo = await startDemo()
//
// It ends with the tests of the file, or with the one test, that started it.
// It is made anew for each file, which takes about a second: nothing is shared that a test could write to.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../../../bin/arpent', import.meta.url))

const longestStart = 60_000 // milliseconds, to build the town on a slow machine
const longestStop = 15_000

const started = new Set() // what is not stopped yet: processes and folders of this file alone
process.on('exit', () => started.forEach((demo) => demo.abandon()))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1)) // a file that takes too long is sent SIGTERM

class Demo {
  #process
  #ended // the promise of {code, signal}
  #said = ''

  constructor(folder) {
    this.folder = folder
    this.workspace = join(folder, 'workspace')
    this.url = undefined // http://127.0.0.1:PORT, the same after a restart
    this.token = undefined // of the staff of the campaign "demo": field:read and field:write, for a day
  }

  // start starts the server: the demo the first time, then what is there already at the same address. It waits until it is ready.
  async start() {
    const command = this.url ? ['serve', '--addr', new URL(this.url).host] : ['demo', '--addr', '127.0.0.1:0']
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ARPENT_')))
    this.#said = ''
    const server = spawn(program, [...command, '--workspace', this.workspace], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = server
    for (const stream of [server.stdout, server.stderr]) stream.setEncoding('utf8').on('data', (text) => (this.#said += text))
    let end
    this.#ended = new Promise((resolve) => {
      server.once('error', (error) => resolve((end = { code: error.message, signal: null })))
      server.once('exit', (code, signal) => resolve((end = { code, signal })))
    })
    for (const deadline = Date.now() + longestStart; Date.now() < deadline; await sleep(20)) {
      if (end) throw new Error(`arpent ${command[0]} ended with ${end.code ?? end.signal}: ${this.#said}`)
      const on = /is on http:\/\/localhost:(\d+)/.exec(this.#said)
      if (!on) continue
      this.url ??= `http://127.0.0.1:${on[1]}`
      this.token ??= /sign in as staff with (\S+)/.exec(this.#said)?.[1]
      const ready = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(() => null)
      if (ready?.ok && this.token) return
    }
    this.abandon()
    throw new Error(`arpent ${command[0]} is not ready after ${longestStart / 1000} s: ${this.#said}`)
  }

  // kill ends the server at once, as a power cut does (kill -9). start() brings it back.
  async kill() {
    this.#process.kill('SIGKILL')
    await this.#ended
  }

  // halt ends the server as Ctrl-C does; start() brings it back.
  async halt() {
    this.#process.kill('SIGINT')
    const end = await Promise.race([this.#ended, sleep(longestStop, null, { ref: false })])
    if (!end) this.#process.kill('SIGKILL')
    assert.deepEqual(end, { code: 0, signal: null }, `the server, when it is told to stop: ${this.#said}`)
  }

  // stop ends the server, if it runs, and removes its workspace. It comes by itself.
  async stop() {
    try {
      if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.halt()
    } finally {
      this.abandon()
    }
  }

  abandon() {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 })
    started.delete(this)
  }
}

// startDemo makes the town and serves it.
export async function startDemo() {
  if (!existsSync(program)) throw new Error(`${program} is missing: make build`)
  const demo = new Demo(await mkdtemp(join(tmpdir(), 'arpent-browser-')))
  started.add(demo)
  after(() => demo.stop()) // else the file would wait for it
  await demo.start()
  return demo
}
