// Package api answers over HTTP from a published snapshot: vector tiles with their TileJSON, the numbers of one unit and
// where they came from, and the map page. It parses, calls and writes; one file per resource. It only ever sees published
// values: a suppressed unit has a state and a reason, and its numbers are null.
//
//	/v1/tiles/{layer}.json                  TileJSON 3 of a layer
//	/v1/tiles/{layer}/{z}/{x}/{y}.mvt       a vector tile; .pbf is the same
//	/v1/contests                            contests, their choices, measures
//	/v1/scores/{unit}/{id}                  the numbers of one unit
//	/v1/explain/{unit}/{id}                 where they came from
//	/v1/snapshots                           what is served
//	/v1/campaigns                           campaigns, and the tokens and turfs of each
//	/healthz  /readyz  /openapi.json  /     health, readiness, this API as OpenAPI 3.1, the map page
//
// Rules that hold for every route:
//   - A token is sent in the header Authorization, never in an address. Without one, what is public is answered. A token that does
//     not count is refused everywhere under /v1. What a token may do is in the campaign it belongs to.
//   - What is under /v1 and /openapi.json sets no cookies and may be asked for by pages of any origin. The map page itself calls no
//     other origin.
//   - An error is application/problem+json (RFC 9457) with a machine code, also where no route matches.
//   - Unknown query parameters are refused.
//   - What names a snapshot ({layer}@{snapshot}) never changes and is cached for ever; everything else is revalidated.
package api
