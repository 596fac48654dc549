// What phones send: docs/field-protocol.md says what a return is.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

// postReturn sends one attempt at a new door of a street segment: somebody opened, and leans to the campaign's choice. more replaces or adds
// fields, as {result: 'not_home', support: undefined}. It gives the return that was sent, and fails unless the server has kept it.
export async function postReturn({ url, token }, segment, more = {}) {
  const sent = {
    id: randomUUID(), kind: 'attempt', happened_at: new Date().toISOString(), team: 'north', result: 'contact', support: 1,
    location: { segment_id: segment, door: randomUUID().slice(0, 8) }, ...more,
  }
  const answer = await fetch(`${url}/v1/field/returns`, {
    method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ returns: [sent] }), signal: AbortSignal.timeout(10_000),
  })
  const said = await answer.text()
  assert.equal(answer.status, 200, said)
  assert.deepEqual(JSON.parse(said).outcomes, [{ id: sent.id, status: 'kept' }])
  return sent
}
