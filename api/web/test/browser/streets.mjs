// Streets of a server, to point at on its map.

// streets lists the segments in a state, published, suppressed or empty, from the middle of the place outwards: {id, name, lon, lat}, with a point
// that lies on the segment.
export async function streets(base, state) {
  const answer = await fetch(`${base}/v1/collections/segments/items?limit=10000`, { signal: AbortSignal.timeout(10_000) })
  if (!answer.ok) throw new Error(`segments: ${answer.status}`)
  const { features } = await answer.json()
  const all = features.map(({ id, properties, geometry }) => {
    const [lon, lat] = middle(longest(geometry.type === 'MultiLineString' ? geometry.coordinates : [geometry.coordinates]))
    return { id, name: properties.name, lon, lat, state: properties.state }
  })
  const mean = (of) => all.reduce((sum, street) => sum + street[of], 0) / all.length
  const [lon, lat] = [mean('lon'), mean('lat')]
  const far = (street) => Math.hypot((street.lon - lon) * Math.cos((lat * Math.PI) / 180), street.lat - lat)
  return all.filter((street) => street.state === state).sort((a, b) => far(a) - far(b)).map(({ state: _, ...street }) => street)
}

// at is the address in which a point is in the middle of the map.
export const at = (zoom, { lat, lon }) => `#map=${zoom}/${lat.toFixed(5)}/${lon.toFixed(5)}`

const lengths = (line) => line.slice(1).map(([x, y], i) => Math.hypot(x - line[i][0], y - line[i][1]))
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0)
const longest = (lines) => lines.reduce((best, line) => (sum(lengths(line)) > sum(lengths(best)) ? line : best))

// middle is the point halfway along a line.
function middle(line) {
  const parts = lengths(line)
  let left = sum(parts) / 2
  let i = 0
  while (i < parts.length - 1 && left > parts[i]) left -= parts[i++]
  const part = parts[i] > 0 ? left / parts[i] : 0
  return [0, 1].map((axis) => line[i][axis] + part * (line[i + 1][axis] - line[i][axis]))
}
