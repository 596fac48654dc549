// Package cql2 reads and writes filters in CQL2, the Common Query Language of the OGC (OGC 21-065r2, July 2024), as text and as JSON. Both give the
// same tree, an engine.Filter; what it means for a unit is not known here.
//
// What there is: AND, OR, NOT; = <> < <= > >=; IS NULL, LIKE, BETWEEN, IN and their NOT forms, which become a FilterNot around; CASEI and ACCENTI;
// + - * / div % ^; S_INTERSECTS, S_DISJOINT, S_WITHIN, S_CONTAINS; texts, numbers, TRUE, FALSE, DATE and TIMESTAMP, geometries (WKT in text, GeoJSON in
// JSON) and BBOX. These are the conformance classes basic-cql2, advanced-comparison-operators, case-insensitive-comparison,
// accent-insensitive-comparison, basic-spatial-functions, basic-spatial-functions-plus, property-property and arithmetic. The other operators on geometries,
// those on times (T_...) and lists (A_...), and functions of one's own are refused by name.
//
// Where the standard leaves a choice:
//   - Words of text are keywords in any case, names of properties in their own. A property whose name is a keyword or no identifier stands in double
//     quotes, with "" for a quote in it. Operators of JSON have their one spelling.
//   - ^ takes two operands and no more, and a minus belongs to what follows it: -a ^ 2 is (-a) ^ 2. The minus of anything but a number is -1 times it.
//   - Also a whole condition can be compared, in parentheses, as drafts of the standard had it: (a > 1) = (b > 1).
//   - In text, \' is an apostrophe, as ” is; any other backslash stands for itself. So no text ends in one, in JSON neither.
//   - A timestamp is in UTC and ends in Z, as in the standard, with at most nine digits of a second.
//   - Heights are read and dropped: what is asked of geometries is asked of longitude and latitude.
//   - A box that crosses the 180th meridian is refused: it is two boxes, joined by OR. Geometries are not empty, and rings end where they begin; whether
//     rings cross is not looked at.
//   - Values whose types are known, as those of properties are not, are of one type where they are compared.
package cql2
