package cql2

import "testing"

func TestPrecedence(t *testing.T) {
	for _, c := range []struct{ text, tree string }{
		// NOT, AND, OR.
		{`a=1 OR b=2 AND c=3`, `(or (= a 1) (and (= b 2) (= c 3)))`},
		{`(a=1 OR b=2) AND c=3`, `(and (or (= a 1) (= b 2)) (= c 3))`},
		{`a=1 AND b=2 OR c=3 AND d=4`, `(or (and (= a 1) (= b 2)) (and (= c 3) (= d 4)))`},
		{`a=1 AND b=2 AND c=3`, `(and (= a 1) (= b 2) (= c 3))`},
		{`a=1 AND (b=2 AND c=3)`, `(and (= a 1) (and (= b 2) (= c 3)))`},
		{`NOT a=1 AND b=2`, `(and (not (= a 1)) (= b 2))`},
		{`NOT (a=1 AND b=2)`, `(not (and (= a 1) (= b 2)))`},
		{`NOT (NOT a=1)`, `(not (not (= a 1)))`},
		{`NOT a NOT IN (1)`, `(not (not (in a 1)))`},
		{`NOT TRUE OR FALSE`, `(or (not true) false)`},
		{`a BETWEEN 1 AND 2 AND b=3`, `(and (between a 1 2) (= b 3))`},
		{`a BETWEEN b+1 AND b*2 OR c=3`, `(or (between a (+ b 1) (* b 2)) (= c 3))`},

		// Arithmetic.
		{`a = b + c * d`, `(= a (+ b (* c d)))`},
		{`a = (b + c) * d`, `(= a (* (+ b c) d))`},
		{`a = b - c - d`, `(= a (- (- b c) d))`},
		{`a = b - (c - d)`, `(= a (- b (- c d)))`},
		{`a = b - c + d`, `(= a (+ (- b c) d))`},
		{`a = b / c * d % e div f`, `(= a (div (% (* (/ b c) d) e) f))`},
		{`a = b * c ^ d`, `(= a (* b (^ c d)))`},
		{`a ^ 2 + b ^ 2 < 100`, `(< (+ (^ a 2) (^ b 2)) 100)`},
		{`(a ^ b) ^ c = a ^ (b ^ c)`, `(= (^ (^ a b) c) (^ a (^ b c)))`},
		{`a + 1 > b - 1`, `(> (+ a 1) (- b 1))`},
		{`((a)) = ((1))`, `(= a 1)`},

		// Signs.
		{`a = -1`, `(= a -1)`},
		{`a = - 1`, `(= a -1)`},
		{`a = +1.`, `(= a 1)`},
		{`a-1 = 0`, `(= (- a 1) 0)`},
		{`a -1 = 0`, `(= (- a 1) 0)`},
		{`a - -1 = 0`, `(= (- a -1) 0)`},
		{`-a = b`, `(= (* -1 a) b)`},
		{`-a ^ 2 = b`, `(= (^ (* -1 a) 2) b)`},
		{`-2 ^ -.5e1 = b`, `(= (^ -2 -5) b)`},
		{`-(a + b) = c`, `(= (* -1 (+ a b)) c)`},
		{`a * -b = c`, `(= (* a (* -1 b)) c)`},
		{`a = -0`, `(= a 0)`},

		// Whole conditions.
		{`(a > 1) = (b > 1)`, `(= (> a 1) (> b 1))`},
		{`(a = 1 OR b = 2) IS NULL`, `(isNull (or (= a 1) (= b 2)))`},
		{`S_INTERSECTS(g, h) = TRUE`, `(= (s_intersects g h) true)`},

		// Names and keywords.
		{`not A = 1 And b Is nOt nUll`, `(and (not (= A 1)) (not (isNull b)))`},
		{`"and" = 1 AND "a ""b""" = 2`, `(and (= and 1) (= a "b" 2))`},
		{`date = DATE('2022-04-10')`, `(= date 2022-04-10)`},
		{`point IS NULL AND point NOT IN (1) AND z > 1 AND bbox=casei`, `(and (isNull point) (not (in point 1)) (> z 1) (= bbox casei))`},
		{`_a.b:c.2é = Ünité AND 票 = 1`, `(and (= _a.b:c.2é Ünité) (= 票 1))`},
		{`ıN = 1 OR ſ = 2`, `(or (= ıN 1) (= ſ 2))`},
		{"a\u00a0=\u30001 OR a\u1680=\u20021", `(or (= a 1) (= a 1))`},

		// Texts.
		{`a = ''`, `(= a '')`},
		{`a = 'L''Haÿ' OR a = 'L\'Haÿ'`, `(or (= a 'L'Haÿ') (= a 'L'Haÿ'))`},
		{`a LIKE '50\%\_\\%'`, `(like a '50\%\_\\%')`},
		{`a = '\\''`, `(= a '\'')`},
		{`a = '" -- /* ; AND'`, `(= a '" -- /* ; AND')`},

		// Geometries that the standard's examples do not have.
		{`S_WITHIN(g, MULTIPOINT(1 2, 3 4 5))`, `(s_within g MULTIPOINT((1 2),(3 4)))`},
		{`S_WITHIN(g, point z(1 2 3))`, `(s_within g POINT(1 2))`},
		{`S_WITHIN(g, GEOMETRYCOLLECTION(POINT Z(1 2 3), POINT(1 2)))`, `(s_within g GEOMETRYCOLLECTION(POINT(1 2),POINT(1 2)))`},
		{`S_WITHIN(g, POINT(+1e1-2))`, `(s_within g POINT(10 -2))`},
		{`S_WITHIN(g, BBOX(-180,-90,180,90))`, `(s_within g box[-180 -90][180 90])`},
	} {
		f, err := ParseText(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := tree(f); got != c.tree {
			t.Errorf("%s\n  is     %s\n  wanted %s", c.text, got, c.tree)
		}
		if problem := writtenAndRead(f); problem != "" {
			t.Error(problem)
		}
	}
}
