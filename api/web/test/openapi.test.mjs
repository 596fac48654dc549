// The description of the API, as the golden file has it: a linter finds nothing in it, and a client that is generated from it compiles.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const web = fileURLToPath(new URL('..', import.meta.url))
const description = '../testdata/golden/openapi.json'

// run gives what a tool of node_modules prints.
function run(tool, ...args) {
  const { status, stdout, stderr } = spawnSync(`node_modules/.bin/${tool}`, args, {
    cwd: web, encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  })
  return { status, stdout, said: `${stdout}${stderr}` }
}

test('a linter finds no error and warns of nothing', () => {
  const { status, stdout, said } = run('redocly', 'lint', '--extends=recommended', '--format=json', description)
  const { problems, totals } = JSON.parse(stdout)
  assert.equal(status, 0, said)
  assert.deepEqual(totals, { errors: 0, warnings: 0, ignored: 0 }, problems.map((p) => `${p.location[0]?.pointer}: ${p.message}`).join('\n'))
})

test('a client that is generated from it compiles', () => {
  const client = 'node_modules/.api-client' // where the client finds its library, and git does not look
  mkdirSync(`${web}${client}`, { recursive: true })
  copyFileSync(`${web}test/client.ts`, `${web}${client}/client.ts`)
  const generated = run('openapi-typescript', description, '-o', `${client}/api.d.ts`)
  assert.equal(generated.status, 0, generated.said)
  const compiled = run('tsc', '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,dom', `${client}/client.ts`)
  assert.equal(compiled.status, 0, compiled.said)
})
