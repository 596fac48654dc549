// The classes of the legend and the state in the address, loaded through Vite as they are written in TypeScript.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createServer } from 'vite'

const vite = await createServer({ root: new URL('..', import.meta.url).pathname, server: { middlewareMode: true, ws: false }, appType: 'custom', logLevel: 'error' })
after(() => vite.close())
const { countScale, differenceScale, points, shareScale } = await vite.ssrLoadModule('/src/scale.ts')
const { EventReader } = await vite.ssrLoadModule('/src/events.ts')
const { tilesTouched } = await vite.ssrLoadModule('/src/touched_tiles.ts')
const { parse, write } = await vite.ssrLoadModule('/src/state.ts')

const between = (low, high, n) => Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1))

test('classes are round, of equal width, and hold the middle of the precincts', () => {
  for (const [values, edges, labels] of [
    [between(0.17, 0.43, 900), [0.2, 0.25, 0.3, 0.35, 0.4], ['under 20%', '20% – 25%', '25% – 30%', '30% – 35%', '35% – 40%', '40% and over']],
    [between(0.001, 0.0089, 300), [0.002, 0.004, 0.006, 0.008], ['under 0.2%', '0.2% – 0.4%', '0.4% – 0.6%', '0.6% – 0.8%', '0.8% and over']],
    [between(0.6, 0.99, 50), [0.7, 0.8, 0.9], ['under 70%', '70% – 80%', '80% – 90%', '90% and over']],
  ]) {
    const scale = shareScale(values, 0.3)
    assert.deepEqual(scale.edges, edges)
    assert.deepEqual(scale.labels, labels)
    assert.equal(scale.colours.length, edges.length + 1)
  }
})

test('one precinct that stands apart does not stretch the scale', () => {
  const usual = between(0.2, 0.3, 200)
  assert.deepEqual(shareScale([...usual, 0.95], 0.25).edges, shareScale(usual, 0.25).edges)
})

test('few precincts: from nothing to twice the share over the whole place', () => {
  assert.deepEqual(shareScale([0.3, 0.31], 0.3).edges, [0.1, 0.2, 0.3, 0.4, 0.5])
})

test('precincts that are all alike, or none at all, still make a scale', () => {
  for (const [values, overall] of [[Array(100).fill(0.25), 0.25], [Array(100).fill(0), 0], [[], 0], [[], 1]]) {
    const { edges, colours, labels, shortLabels } = shareScale(values, overall)
    assert.ok(edges.length >= 1 && edges.length <= 6, `${edges}`)
    assert.ok(edges.every((e, i) => i === 0 || e > edges[i - 1]), `${edges}`)
    assert.deepEqual([colours.length, labels.length, shortLabels.length], Array(3).fill(edges.length + 1))
  }
})

test('colours grow darker from class to class', () => {
  const luminance = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
  for (const { colours } of [countScale(), shareScale(between(0, 1, 100), 0.5)]) {
    colours.forEach((colour, i) => i > 0 && assert.ok(luminance(colour) < luminance(colours[i - 1]), `${colours}`))
  }
})

test('differences have zero in the middle, as many classes above as below, and a sign', () => {
  for (const [values, edges, labels] of [
    [between(-0.1, 0.3, 400), [-0.2, -0.1, 0, 0.1, 0.2], ['under −20', '−20 to −10', '−10 to 0', '0 to +10', '+10 to +20', '+20 and over']],
    [between(-0.004, 0.004, 400), [-0.003, -0.002, -0.001, 0, 0.001, 0.002, 0.003], null],
    [[0.02, 0.03], [-0.02, -0.01, 0, 0.01, 0.02], ['under −2', '−2 to −1', '−1 to 0', '0 to +1', '+1 to +2', '+2 and over']],
    [[], [-0.0005, 0, 0.0005], null],
  ]) {
    const scale = differenceScale(values)
    assert.deepEqual(scale.edges, edges)
    if (labels) assert.deepEqual(scale.labels, labels)
    assert.equal(scale.colours.length, edges.length + 1)
    assert.equal(new Set(scale.colours).size, scale.colours.length)
  }
  assert.equal(points(-0.0349, 1), '−3.5')
})

test('the address keeps what the page shows', () => {
  const state = {
    view: { zoom: 15.25, lat: 48.8566, lon: -2.3522 },
    contest: '2017_pres_t1',
    choice: 'l’été & co',
    measure: 'margin',
    against: 'gauche & co',
    since: '2017_pres_t1',
    areas: 'precincts',
    selected: { unit: 'cell', id: '881fb46751fffff' },
  }
  assert.deepEqual(parse(write(state)), state)
})

test('an address that makes no sense shows the whole place', () => {
  const nothing = { view: null, contest: '', choice: '', measure: '', against: '', since: '', areas: 'cells', selected: null }
  for (const hash of ['', '#', '#map=', '#map=a/b/c', '#map=3/99/999', '#unit=house/5&areas=moon', '#unit=segment/<script>']) {
    assert.deepEqual(parse(hash), nothing, hash)
  }
})

test('events are read however the stream is cut', () => {
  const stream = ': the stream begins\n\nid: 7\nevent: touched\ndata: {"a":1}\n\n: nothing new\n\nid: 8\ndata: first\ndata: second\n\nid: 9\ndata: half'
  const want = [{ id: '7', event: 'touched', data: '{"a":1}' }, { id: '8', event: 'message', data: 'first\nsecond' }]
  for (const size of [1, 2, 3, 7, 1000]) {
    const reader = new EventReader()
    const got = []
    for (let at = 0; at < stream.length; at += size) got.push(...reader.read(stream.slice(at, at + size)))
    assert.deepEqual(got, want, `pieces of ${size}`)
  }
})

test('the tiles that a change touches are those that show it, and those beside where coarse cells overhang', () => {
  const place = [2.3522, 48.8566, 2.3523, 48.8567] // in the tile 14/8299/5636, near its middle
  const at = (z) => tilesTouched([place], z, z).map(({ x, y }) => `${x}/${y}`)
  assert.deepEqual(at(0), ['0/0'])
  assert.ok(at(14).includes('8299/5636') && at(14).length <= 4, `${at(14)}`)
  assert.equal(tilesTouched([place, place], 10, 14).length, tilesTouched([place], 10, 14).length)
  for (const { z, x, y } of tilesTouched([[-180, -85, 180, 85]], 0, 2)) assert.ok(x >= 0 && y >= 0 && x < 2 ** z && y < 2 ** z)
  assert.deepEqual(tilesTouched([], 0, 14), [])
})
