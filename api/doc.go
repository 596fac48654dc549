// Package api answers over HTTP from a published snapshot: vector tiles with their TileJSON, the numbers of one unit and
// where they came from, and the map page; it takes the returns of the field, and shows their campaign's staff what they come to. It parses,
// calls and writes; one file per resource. It only ever sees published values, or those of the staff under their scope: what is suppressed
// has a state and a reason, and its numbers are null.
//
//	/v1/tiles/{layer}.json                  TileJSON 3 of a layer
//	/v1/tiles/{layer}/{z}/{x}/{y}.mvt       a vector tile; .pbf is the same
//	/v1/contests                            contests, their choices, measures
//	/v1/scores/{unit}/{id}                  the numbers of one unit
//	/v1/explain/{unit}/{id}                 where they came from
//	/v1/snapshots                           what is served
//	/v1/campaigns                           campaigns, and the tokens and turfs of each
//	/v1/field/returns                       batches of returns, as docs/field-protocol.md has them; /osdi/canvasses as OSDI has them
//	/v1/field/changes  touched              what has changed, for programs and for maps, also as events
//	/v1/field/measures  scores  coverage    what the staff sees of the field, beside its tiles: those with a field measure
//	/v1/field/quarantine  conflicts  flags  what somebody should look at; releases
//	/v1/field/next                          where to walk next
//	/v1/field/erasures  purge  held         what is erased, with a receipt, and what is held
//	/v1/rollup                              counts of returns by cell, segment, precinct, day, team
//	/v1/jobs/{kind}                         a job of a kind is asked for
//	/v1/jobs  /v1/jobs/{job}  results  errors   the jobs of a campaign, how far they are, what came of them
//	/v1/audit                               who read what
//	/healthz  /readyz  /metrics             health, readiness, metrics
//	/openapi.json  /                        this API as OpenAPI 3.1, the map page
//
// Rules that hold for every route:
//   - A token is sent in the header Authorization, never in an address. Without one, what is public is answered. A token that does
//     not count is refused everywhere under /v1. What a token may do is in the campaign it belongs to.
//   - What is under /v1 and /openapi.json sets no cookies and may be asked for by pages of any origin, or of those that are listed. The map
//     page itself calls no other origin.
//   - A request has an id, limits of whoever asks, and a line in the log, without a token and without who asked; see docs/operations.md.
//   - An error is application/problem+json (RFC 9457) with a machine code, also where no route matches.
//   - Unknown query parameters are refused.
//   - What names a snapshot ({layer}@{snapshot}) never changes and is cached for ever, and is answered for a while after the snapshot was
//     replaced; everything else is revalidated. What only the staff sees is private.
//   - What only the staff sees is written into the audit log before it is answered, and is not answered where that fails.
//   - Nothing about the answers of fewer than 11 households is in any answer, but what is held of one subject, for that subject.
package api
