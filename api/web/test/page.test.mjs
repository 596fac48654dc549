// Classes, colours, doubt, words, drawn areas and the state in the address, loaded through Vite as they are written in TypeScript.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createServer } from 'vite'

// What the modules ask of a browser.
const kept = new Map()
globalThis.localStorage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value), removeItem: (name) => kept.delete(name) }
globalThis.matchMedia = () => ({ matches: false, addEventListener() {} })
globalThis.document = { documentElement: { dataset: {}, lang: '' } }
kept.set('arpent-language', 'en')

const vite = await createServer({ root: new URL('..', import.meta.url).pathname, server: { middlewareMode: true, ws: false }, appType: 'custom', logLevel: 'error' })
after(() => vite.close())
const load = (name) => vite.ssrLoadModule(`/src/${name}.ts`)
const { colours, fieldScale, labels } = await load('scale')
const { amount, interval, percent, points, whole } = await load('numbers')
const { apart, faded, notDistinguishable, standing, widthLabels, widths } = await load('doubt')
const { palettes } = await load('theme')
const { english } = await load('words_en')
const { french } = await load('words_fr')
const { sentences } = await load('in_words')
const { simplify } = await load('drawing')
const { areaFilter } = await load('area_panel')
const { contestTitle, kinOf, yearOf } = await load('contest_names')
const { squareKilometres, uncrossed } = await load('area_shape')
const { shortened } = await load('area_names')
const { EventReader } = await load('events')
const { tilesTouched } = await load('touched_tiles')
const { parse, write } = await load('state')

const share = (edges) => ({ edges, unit: 'fraction 0..1', diverging: false })
const margin = (edges) => ({ edges, unit: 'fraction -1..1', diverging: true })
const fieldMeasure = (id, unit, diverging = false) => ({ id, unit, diverging, name: id, parameters: [], candidates_only: false, definition: '' })

test('a class says what it holds, with as many decimals as its edges need', () => {
  for (const [scale, long, short] of [
    [share([0.2, 0.25, 0.3]), ['under 20%', '20% – 25%', '25% – 30%', '30% and over'], ['< 20%', '20%', '25%', '≥ 30%']],
    [share([0.002, 0.004]), ['under 0.2%', '0.2% – 0.4%', '0.4% and over'], ['< 0.2%', '0.2%', '≥ 0.4%']],
    [share([0.225, 0.25]), ['under 22.5%', '22.5% – 25.0%', '25.0% and over'], ['< 22.5%', '22.5%', '≥ 25.0%']],
    [margin([-0.1, 0, 0.1]), ['under −10', '−10 to 0', '0 to +10', '+10 and over'], ['< −10', '−10', '0', '≥ +10']],
    [{ edges: [5, 2500], unit: 'votes', diverging: false }, ['under 5', '5 – 2,500', '2,500 and over'], ['< 5', '5', '≥ 2,500']],
    [share([]), ['all'], ['all']],
    [fieldScale(fieldMeasure('doors', 'doors')), ['none', '1 – 5', '5 – 20', '20 – 100', '100 – 500', '500 – 2,500', '2,500 and over'], ['0', '1', '5', '20', '100', '500', '≥ 2,500']],
    [fieldScale(fieldMeasure('coverage', 'fraction 0..1')), ['none', 'under 10%', '10% – 25%', '25% – 50%', '50% – 75%', '75% – 95%', '95% and over'], ['0', '< 10%', '10%', '25%', '50%', '75%', '≥ 95%']],
  ]) {
    assert.deepEqual(labels(scale), { long, short })
    assert.equal(colours(scale, palettes.light).length, long.length)
  }
})

// Linear light, as WCAG 2 counts luminance.
const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
const luminance = (hex) => channels(hex).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)

test('colours go from the ground to what stands out, from class to class, in both themes', () => {
  for (const theme of ['light', 'dark']) {
    const towards = theme === 'light' ? -1 : 1
    for (const n of [3, 5, 6, 7, 11]) {
      const all = colours(share(Array.from({ length: n }, (_, i) => i / 20)), palettes[theme])
      all.forEach((colour, i) => i > 0 && assert.ok(towards * (luminance(colour) - luminance(all[i - 1])) > 0, `${theme} ${all}`))
    }
  }
})

// What a colour is to eyes without one kind of cones: Viénot, Brettel and Mollon 1999, in linear RGB.
const blindness = {
  protanopia: [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
  deuteranopia: [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
}
const lab = (rgb) => {
  const [x, y, z] = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]].map((row) => row.reduce((sum, k, i) => sum + k * rgb[i], 0))
  const f = (t) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116)
  const [fx, fy, fz] = [f(x / 0.9505), f(y), f(z / 1.089)]
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]
}
const apartFor = (a, b, matrix) => {
  const seen = (hex) => lab(matrix ? matrix.map((row) => Math.max(0, row.reduce((sum, k, i) => sum + k * channels(hex)[i], 0))) : channels(hex))
  const [one, other] = [seen(a), seen(b)]
  return Math.hypot(...one.map((x, i) => x - other[i]))
}

test('classes beside each other, and the two sides of zero, differ to colour-blind eyes', () => {
  for (const [name, matrix] of Object.entries({ all: null, ...blindness })) {
    for (const theme of ['light', 'dark']) {
      for (const scale of [share([0.1, 0.2, 0.3, 0.4, 0.5]), margin([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3])]) {
        const all = colours(scale, palettes[theme])
        for (let i = 1; i < all.length; i++) assert.ok(apartFor(all[i - 1], all[i], matrix) > 8, `${name}, ${theme}: ${all[i - 1]} and ${all[i]} differ by ${apartFor(all[i - 1], all[i], matrix)}`)
      }
      const sides = colours(margin([-0.2, -0.1, 0, 0.1, 0.2]), palettes[theme])
      for (let i = 0; i < 3; i++) assert.ok(apartFor(sides[i], sides[5 - i], matrix) > 20, `${name}, ${theme}: ${sides[i]} is as far below zero as ${sides[5 - i]} above`)
    }
  }
})

test('what diverges has one colour more where a class holds zero', () => {
  const { zero } = palettes.light
  assert.equal(colours(margin([-0.1, 0.1]), palettes.light)[1], zero)
  assert.ok(!colours(margin([-0.1, 0, 0.1]), palettes.light).includes(zero))
})

test('doubt fades a colour to the ground in three steps', () => {
  for (const theme of ['light', 'dark']) {
    const steps = faded('#123456', theme)
    assert.equal(steps[0], '#123456')
    const away = steps.map((colour) => apartFor(colour, palettes[theme].ground, null))
    assert.ok(away[0] > away[1] && away[1] > away[2] && away[2] > 2, `${theme} ${away}`)
  }
  assert.deepEqual(widths(share([0.2, 0.25, 0.3])).map((w) => Number(w.toFixed(6))), [0.1, 0.2])
  assert.deepEqual(widthLabels(share([0.2, 0.25, 0.3])), ['up to 10 points', 'up to 20 points', 'wider'])
  assert.deepEqual(widthLabels({ edges: [5, 20], unit: 'votes', diverging: false }), ['up to 50%', 'up to 100%', 'wider'])
})

test('two numbers differ where their difference is more than its doubt', () => {
  const a = { value: 0.4, low: 0.34, high: 0.46 }
  for (const [b, distinguishable] of [
    [{ value: 0.31, low: 0.23, high: 0.39 }, false], // 9 points, doubt 10
    [{ value: 0.29, low: 0.21, high: 0.37 }, true],
    [{ value: 0.29, low: 0.29, high: 0.29 }, true], // an official number
    [{ value: 0.35, low: 0.35, high: 0.35 }, false],
    [a, false],
  ]) {
    assert.equal(apart(a, b).distinguishable, distinguishable, JSON.stringify(b))
    assert.equal(apart(b, a).distinguishable, distinguishable, 'whichever comes first')
  }
  assert.deepEqual([0.33, 0.34, 0.4, 0.46, 0.47].map((fixed) => standing(a, fixed)), ['above', 'alike', 'alike', 'alike', 'below'])
  assert.equal(notDistinguishable(a, 'fraction 0..1', false, 0.36), 'not distinguishable from the whole place (36.0%)')
  assert.equal(notDistinguishable(a, 'fraction 0..1', false, 0.2), '')
  assert.equal(notDistinguishable({ value: 0.02, low: -0.01, high: 0.05 }, 'fraction -1..1', true, null), 'not distinguishable from zero')
  assert.equal(notDistinguishable({ value: 0.02, low: 0.02, high: 0.02 }, 'fraction 0..1', false, 0.5), '', 'an official number is what it is')
})

const contest = {
  id: 'mayor_t1', name: 'Mayor', n: 1000, base: 'registered',
  choices: [
    { id: 'durand', name: 'Durand', votes: 300, reserved: false, family: null, since: [] },
    { id: 'martin', name: 'Martin', votes: 250, reserved: false, family: null, since: [] },
    { id: 'abstention', name: 'Abstention', votes: 450, reserved: true, family: null, since: [] },
  ],
}
const score = (choice, value, half) => ({ choice, name: choice, votes: 1, value, low: value - half, high: value + half, low50: value, high50: value })

test('a place is explained in words', () => {
  const near = { contest: 'mayor_t1', n: 40, choices: [score('durand', 0.32, 0.1), score('martin', 0.3, 0.1), score('abstention', 0.38, 0.1)] }
  assert.deepEqual(sentences(near, contest, 'durand'), [
    'Durand: about 32.0% here, and in nine cases of ten between 22.0% and 42.0%.',
    'That is not distinguishable from the whole place (30.0%).',
    'Who of Durand and Martin is ahead here is not distinguishable.',
  ])
  const official = { contest: 'mayor_t1', n: 40, choices: [score('durand', 0.5, 0), score('martin', 0.1, 0), score('abstention', 0.4, 0)] }
  assert.deepEqual(sentences(official, contest, 'martin'), ['Martin: 10.0% here. This is an official result.', 'That is less than in the whole place (25.0%).', 'Durand is ahead of Martin here.'])
})

test('who is ahead is said by the margin of the two, whose errors move against each other, and never against it', () => {
  const place = (margin, [a, b] = [0.42, 0.23]) => ({ contest: 'mayor_t1', n: 46, choices: [{ ...score('durand', a, 0.13), measures: { margin } }, score('martin', b, 0.11), score('abstention', 1 - a - b, 0.1)] })
  const last = (numbers) => sentences(numbers, contest, 'durand').at(-1)
  const [ahead, open] = ['Durand is ahead of Martin here.', 'Who of Durand and Martin is ahead here is not distinguishable.']
  assert.equal(last(place({ value: 0.19, low: -0.04, high: 0.41, against: 'martin' })), open) // 19 points are more than their independent doubt of 17
  assert.equal(last(place({ value: 0.19, low: 0.01, high: 0.37, against: 'martin' })), ahead)
  assert.equal(last(place({ value: 0.3, low: 0.1, high: 0.5, against: 'somebody' })), open) // of another pair: 29 % to 55 % meet 12 % to 34 %
  assert.equal(last(place(undefined, [0.5, 0.2])), ahead) // 37 % and more against 31 % and less
})

test('numbers are written in the reader’s language', () => {
  assert.deepEqual([amount(0.3456, 'fraction 0..1'), amount(-0.0349, 'fraction -1..1'), amount(1, 'votes'), amount(1234, 'voters'), interval(0.1, 0.2, 'fraction 0..1')], ['34.6%', '−3.5 points', '1 vote', '1,234 voters', '10.0% – 20.0%'])
  kept.set('arpent-language', 'fr')
  assert.deepEqual([percent(0.3456, 1), points(-0.0349, 1), whole(12345)].map((text) => text.replace(/\s/g, ' ')), ['34,6 %', '−3,5', '12 345'])
  kept.set('arpent-language', 'en')
})

// walk lists the paths of all texts in a dictionary, and functions as such.
const walk = (words, path = '') => Object.entries(words).flatMap(([name, word]) => (typeof word === 'object' ? walk(word, `${path}${name}.`) : [[path + name, word]]))

test('French has every word of English, and none of them is empty', () => {
  const translated = new Map(walk(french))
  for (const [path, word] of walk(english)) {
    const other = translated.get(path)
    assert.equal(typeof other, typeof word, path)
    if (typeof word === 'string') assert.ok(other.trim() !== '', path)
    else assert.equal(other.length, word.length, `${path}: parameters`)
  }
})

test('a stroke becomes a polygon with few corners, and the area a filter', () => {
  const circle = Array.from({ length: 2000 }, (_, i) => ({ x: 300 + 200 * Math.cos((i * Math.PI) / 1000), y: 300 + 200 * Math.sin((i * Math.PI) / 1000) }))
  const kept = simplify(circle, 100)
  assert.ok(kept.length >= 12 && kept.length <= 100, `${kept.length}`)
  const area = (points) => Math.abs(points.reduce((sum, p, i) => sum + p.x * points[(i + 1) % points.length].y - p.y * points[(i + 1) % points.length].x, 0)) / 2
  assert.ok(Math.abs(area(kept) / area(circle) - 1) < 0.01)
  assert.equal(areaFilter([[2, 48], [2.1, 48], [2.1, 48.123456]]), 'S_INTERSECTS(geometry, POLYGON((2 48, 2.1 48, 2.1 48.12346, 2 48)))')
})

test('a choice is known in another contest, and rounds of one name are told apart', () => {
  const of = (id, name, family = null, reserved = false) => ({ id, name, family, reserved })
  const others = [of('emmanuel_macron', 'Emmanuel MACRON'), of('b', 'Liste B', 'LB'), of('blank', 'Blank', null, true)]
  for (const [choice, kin] of [
    [of('macron_emmanuel', 'Macron Emmanuel'), 'emmanuel_macron'],
    [of('liste_b', 'B pour tous', 'LB'), 'b'],
    [of('blank', 'Blank', null, true), 'blank'],
    [of('fillon_francois', 'Fillon Francois'), undefined],
  ]) assert.equal(kinOf(choice, others)?.id, kin)
  for (const [contest, year] of [
    [{ date: '2017-04-23', name: 'Présidentielle', id: 'x' }, '2017'],
    [{ date: null, name: 'Municipales 2008', id: 'x' }, '2008'],
    [{ date: null, name: 'Municipales', id: '2014_muni_t1' }, '2014'],
    [{ date: null, name: 'Ward 12345', id: 'mayor' }, ''],
  ]) assert.equal(yearOf(contest), year)
  const rounds = [{ id: 'a1', name: 'Mayor', round: 1 }, { id: 'a2', name: 'Mayor', round: 2 }, { id: 'b', name: 'Council', round: 1 }]
  assert.deepEqual(rounds.map((c) => contestTitle(c, rounds)), ['Mayor, round 1', 'Mayor, round 2', 'Council'])
})

test('names of areas are as short as they can be told apart', () => {
  for (const [names, short] of [
    [['Paris 1er Arrondissement', 'Paris 18e Arrondissement'], ['1er', '18e']],
    [['Le Havre', 'Le Mans', 'Lyon'], ['Le Havre', 'Le Mans', 'Lyon']],
    [['Saint-Denis', 'Saint-Denis Nord'], ['Saint-Denis', 'Saint-Denis Nord']],
    [['Herbemont'], ['Herbemont']],
    [['North Ward', 'North Ward'], ['North Ward', 'North Ward']],
    [[], []],
  ]) assert.deepEqual(shortened(names), short)
})

test('an area whose border crosses itself becomes its hull; another stays as it is', () => {
  const square = [[0, 0], [1, 0], [1, 1], [0, 1]]
  const notched = [[0, 0], [2, 0], [2, 2], [1, 1], [0, 2]]
  for (const area of [square, notched]) assert.deepEqual(uncrossed(area), area)
  assert.deepEqual(uncrossed([[0, 0], [1, 1], [1, 0], [0, 1]]).map(String).sort(), square.map(String).sort()) // a bow tie
  assert.deepEqual(uncrossed([[0, 0], [4, 0], [4, 4], [1, -1], [0, 4]]).map(String).sort(), [[0, 0], [4, 0], [4, 4], [1, -1], [0, 4]].map(String).sort())
  assert.ok(Math.abs(squareKilometres([[2, 48], [2.01, 48], [2.01, 48.01], [2, 48.01]]) - 0.827) < 0.01) // 744 m by 1112 m
})

test('the address keeps what the page shows', () => {
  const state = {
    view: { zoom: 15.25, lat: 48.8566, lon: -2.3522 },
    contest: '2017_pres_t1',
    choice: 'l’été & co',
    measure: 'margin',
    against: 'gauche & co',
    since: '2017_pres_t1',
    day: '2026-11-27',
    areas: 'precincts',
    doubt: true,
    selected: { unit: 'cell', id: '881fb46751fffff' },
    beside: { unit: 'segment', id: '12' },
    area: [[2.1, 48.1], [2.2, 48.1], [2.2, 48.25]],
    sum: 'precincts',
    table: true,
  }
  assert.deepEqual(parse(write(state)), state)
})

test('an address that makes no sense shows the whole place', () => {
  const nothing = { view: null, contest: '', choice: '', measure: '', against: '', since: '', day: '', areas: 'cells', doubt: false, selected: null, beside: null, area: [], sum: 'segments', table: false }
  for (const hash of ['', '#', '#map=', '#map=a/b/c', '#map=3/99/999', '#unit=house/5&areas=moon', '#unit=segment/<script>', '#area=1,2,3', '#area=1,2,3,4,5,x', '#day=yesterday&beside=1', `#area=${'1,2,'.repeat(300)}`]) {
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
  for (const { x, y, z } of tilesTouched([[-180, -85, 180, 85]], 0, 2)) assert.ok(x >= 0 && y >= 0 && x < 2 ** z && y < 2 ** z)
  assert.deepEqual(tilesTouched([], 0, 14), [])
})

test('a place is beside another, not beside nothing', () => {
  assert.equal(parse('#beside=segment/2').beside, null)
  assert.deepEqual(parse('#unit=segment/1&beside=segment/2').beside, { unit: 'segment', id: '2' })
})
