package city

import (
	"math"
	"math/rand/v2"
)

// rank says what part a line plays in the network.
type rank uint8

const (
	rankSquare rank = iota
	rankRoad        // from the centre to a neighbouring commune
	rankBoulevard
	rankAvenue
	rankQuay
	rankBridge
	rankParkRing
	rankParkPath
	rankStreet
	rankImpasse
)

// line is a street axis before it is cut and named.
type line struct {
	points   []point
	rank     rank
	to       string // roads: the commune they lead to
	fixedEnd bool   // the last point is a gate of the commune: nothing is added or taken there
	over     point  // bridges: the middle of the river
}

func (l *line) isClosed() bool {
	return len(l.points) > 3 && l.points[0] == l.points[len(l.points)-1]
}

// arterials draws what gives a town its bones: the square, the roads, boulevards, quays and bridges, avenues, parks.
func arterials(t *terrain, r *rand.Rand) []line {
	segments := segmentsFor(t.registered)
	var lines []line
	ring := t.squareRadius()
	lines = append(lines, line{points: ovalRing(t.centre, func(angle float64) float64 {
		return ring * (1 + 0.12*math.Sin(2*angle+1))
	}, 14), rank: rankSquare})
	lines = append(lines, roads(t, r, 0.55*ring)...)
	shares := []float64{0.42, 0.76}
	if segments < 1200 {
		shares = []float64{0.52}
	}
	if segments < 260 {
		shares = nil
	}
	for _, share := range shares {
		phase2, phase3 := uniform(r, 0, 2*math.Pi), uniform(r, 0, 2*math.Pi)
		boulevard := ovalRing(t.centre, func(angle float64) float64 {
			return share * t.radius * (1 + 0.09*math.Sin(2*angle+phase2) + 0.05*math.Sin(3*angle+phase3))
		}, 14)
		lines = append(lines, t.keepDry(boulevard, rankBoulevard)...)
	}
	if segments > 260 {
		for range min(5, 1+int(segments/900)) {
			lines = append(lines, t.keepDry(diagonal(t, r), rankAvenue)...)
		}
	}
	bridged := len(lines)
	for _, river := range t.rivers {
		if segments < 200 {
			break // villages have neither quays nor bridges but the roads'
		}
		for _, side := range []float64{-1, 1} {
			quay := make([]point, len(river))
			for i := range river {
				along := river[min(i+1, len(river)-1)].minus(river[max(i-1, 0)]).unit()
				quay[i] = river[i].plus(along.left().times(side * (t.halfWidth + 13)))
			}
			for _, part := range cutLine(quay, 90, func(p, _ point) bool { return t.outness(p) < 0.98 && t.cell.depth(p) > 14 }) {
				lines = append(lines, line{points: part, rank: rankQuay})
			}
		}
		lines = append(lines, bridges(t, r, river, lines[:bridged])...)
	}
	return placeParks(t, r, lines)
}

// ovalRing is a closed line around a centre with a vertex every 10 to 20 m.
func ovalRing(centre point, radius func(angle float64) float64, step float64) []point {
	n := max(10, int(2*math.Pi*radius(0)/step))
	ring := make([]point, 0, n+1)
	for i := range n {
		angle := 2 * math.Pi * float64(i) / float64(n)
		ring = append(ring, centre.plus(towards(angle).times(radius(angle))))
	}
	return append(ring, ring[0])
}

// roads lead from the square to every gate; one that sets out beside another forks off it.
func roads(t *terrain, r *rand.Rand, start float64) []line {
	var lines []line
	for _, g := range t.gates {
		direction := turned(g.at.minus(t.centre).unit(), uniform(r, -0.15, 0.15))
		from := t.centre.plus(direction.times(start))
		for _, earlier := range lines {
			if way := earlier.points[min(3, len(earlier.points)-1)].minus(t.centre).unit(); way.dot(direction) > 0.85 {
				fork := pointAlong(earlier.points, min(0.5*lineLength(earlier.points), uniform(r, 0.3, 0.5)*t.radius))
				direction = g.at.minus(fork).unit()
				from = fork.minus(direction.times(1))
				break
			}
		}
		length := from.distance(g.at)
		b, c := from.plus(direction.times(length/3)), g.at.minus(g.outward.times(length/3))
		sway, phase := min(45, 0.035*length)*uniform(r, 0.4, 1), uniform(r, 0, 2*math.Pi)
		waves := max(1, length/900)
		n := max(4, int(length/18))
		road := make([]point, n+1)
		for i := range road {
			u := float64(i) / float64(n)
			p := from.times(cube(1 - u)).plus(b.times(3 * u * square(1-u))).plus(c.times(3 * u * u * (1 - u))).plus(g.at.times(cube(u)))
			calm := square(math.Sin(math.Pi * u))
			road[i] = p.plus(g.outward.left().times(sway * calm * math.Sin(2*math.Pi*waves*u+phase)))
		}
		road[n] = g.at
		lines = append(lines, line{points: road, rank: rankRoad, to: g.to, fixedEnd: true})
	}
	return lines
}

func cube(x float64) float64 { return x * x * x }

// pointAlong is the point of a line at a distance from its start.
func pointAlong(line []point, distance float64) point {
	for i := 1; i < len(line); i++ {
		l := line[i-1].distance(line[i])
		if distance <= l {
			return between(line[i-1], line[i], distance/l)
		}
		distance -= l
	}
	return line[len(line)-1]
}

// diagonal is a straight avenue across the town that passes the centre at some distance.
func diagonal(t *terrain, r *rand.Rand) []point {
	angle := uniform(r, 0, 2*math.Pi)
	a := t.centre.plus(towards(angle).times(t.radius * uniform(r, 0.5, 0.85)))
	b := t.centre.plus(towards(angle + uniform(r, 1.4, 2.3)).times(t.radius * uniform(r, 0.5, 0.85)))
	var points []point
	for _, s := range resample([]point{a, b}, 40) {
		points = append(points, s.at)
	}
	return points
}

// keepDry cuts an arterial where it would run in a river, at the edge of the commune, or through the square.
func (t *terrain) keepDry(points []point, as rank) []line {
	var lines []line
	for _, part := range cutLine(points, min(350, 0.3*t.radius), func(p, along point) bool {
		d, river := t.riverDistance(p)
		if d < 70 && math.Abs(river.dot(along)) > 0.6 {
			return false
		}
		return t.cell.depth(p) > 20 && t.outness(p) < 1 && p.distance(t.centre) > t.squareRadius()+20
	}) {
		lines = append(lines, line{points: part, rank: as})
	}
	return lines
}

// cutLine gives the parts of a line whose points are wanted, if they are long enough.
func cutLine(points []point, least float64, wanted func(p, along point) bool) [][]point {
	var parts [][]point
	var part []point
	end := func() {
		if len(part) > 1 && lineLength(part) >= least {
			parts = append(parts, part)
		}
		part = nil
	}
	closed := points[0] == points[len(points)-1]
	for i, p := range points {
		along := points[min(i+1, len(points)-1)].minus(points[max(i-1, 0)]).unit()
		if wanted(p, along) {
			part = append(part, p)
		} else {
			end()
			closed = false
		}
	}
	if closed {
		return [][]point{points}
	}
	end()
	return parts
}

// bridges cross a river every 450 m or so in the built-up part, where no road does.
func bridges(t *terrain, r *rand.Rand, river []point, others []line) []line {
	var lines []line
	next := 0.0
	far := 0.0
	for i := 1; i < len(river)-1; i++ {
		far += river[i-1].distance(river[i])
		p := river[i]
		if far < next || t.outness(p) > 0.9 || t.cell.depth(p) < 60 {
			continue
		}
		next = far + uniform(r, 380, 520)
		crowded := false
		for _, other := range others {
			if _, d, _ := nearestOnLine(other.points, p); d < 150 {
				crowded = true
			}
		}
		if crowded {
			continue
		}
		square := river[i+1].minus(river[i-1]).unit().left()
		half := square.times(t.halfWidth + 17)
		lines = append(lines, line{points: []point{p.minus(half), p.plus(half)}, rank: rankBridge, over: p})
	}
	return lines
}

// placeParks finds room for parks between the arterials, and adds the street around each and two paths through it.
func placeParks(t *terrain, r *rand.Rand, lines []line) []line {
	segments := segmentsFor(t.registered)
	if segments < 180 {
		return lines
	}
	wanted := max(1, int(math.Round(segments/650)))
	for range wanted * 60 {
		if len(t.parks) == wanted {
			break
		}
		k := park{
			centre: t.centre.plus(towards(uniform(r, 0, 2*math.Pi)).times(t.radius * uniform(r, 0.22, 0.78))),
			axis:   towards(uniform(r, 0, math.Pi)),
			a:      uniform(r, 95, 150),
		}
		k.b = k.a * uniform(r, 0.6, 0.85)
		if d, _ := t.riverDistance(k.centre); d < k.a+40 || t.outness(k.centre) > 0.85 || t.cell.depth(k.centre) < k.a+60 || crowded(t, lines, k) {
			continue
		}
		t.parks = append(t.parks, k)
		outline := k.outline(10)
		lines = append(lines, line{points: append(outline, outline[0]), rank: rankParkRing})
		for i := range 2 {
			from := 3 + 7*i + r.IntN(3)
			a, c := outline[from%28], outline[(from+12+r.IntN(4))%28]
			b := k.centre.plus(towards(uniform(r, 0, 2*math.Pi)).times(0.25 * k.b))
			var path []point
			for step := range 17 {
				u := float64(step) / 16
				path = append(path, a.times(square(1-u)).plus(b.times(2*u*(1-u))).plus(c.times(square(u))))
			}
			// A metre beyond the ring at both ends, so that they meet it.
			path[0] = path[0].plus(path[0].minus(path[1]).unit())
			path[16] = path[16].plus(path[16].minus(path[15]).unit())
			lines = append(lines, line{points: path, rank: rankParkPath})
		}
	}
	return lines
}

func crowded(t *terrain, lines []line, k park) bool {
	for i := range lines {
		if _, d, _ := nearestOnLine(lines[i].points, k.centre); d < k.a+35 {
			return true
		}
	}
	for i := range t.parks {
		if t.parks[i].centre.distance(k.centre) < 5*k.a {
			return true
		}
	}
	return false
}
