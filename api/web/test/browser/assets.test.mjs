// The page stays light: a phone on a street has it at once.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const most = 400_000 // bytes

// All of dist is counted: what the page does not ask for should not be there.
test(`the page's files are less than ${most} bytes in all, compressed`, (t) => {
  const dist = fileURLToPath(new URL('../../dist', import.meta.url))
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((file) => file.isFile() && file.name !== '.keep')
  assert.ok(files.some((file) => file.name === 'index.html'), 'the page is not built: make web')
  const sizes = files.map((file) => [file.name, gzipSync(readFileSync(join(file.parentPath ?? file.path, file.name)), { level: 9 }).length])
  const sum = sizes.reduce((all, [, size]) => all + size, 0)
  const said = `${sum} bytes: ${sizes.map(([name, size]) => `${name} ${size}`).join(', ')}`
  t.diagnostic(said)
  assert.ok(sum < most, said)
})
