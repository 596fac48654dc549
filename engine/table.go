package engine

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// Table is a table of a snapshot: its name, its columns and its key. Rows are written in key order.
type Table struct {
	Name     string
	Key      []string
	Schema   *arrow.Schema
	Geometry string   // the WKB column of a GeoParquet table, or ""
	Repeats  []string // columns of few values, which are written with a dictionary
	About    string
}

// File is the table's file name in a snapshot.
func (t Table) File() string { return t.Name + ".parquet" }

// BoxType is the covering of a geometry, as GeoParquet 1.1 has it.
var BoxType = arrow.StructOf(
	arrow.Field{Name: "xmin", Type: floatType},
	arrow.Field{Name: "ymin", Type: floatType},
	arrow.Field{Name: "xmax", Type: floatType},
	arrow.Field{Name: "ymax", Type: floatType},
)

func table(name string, key []string, geometry string, repeats []string, about string, fields ...arrow.Field) Table {
	if geometry != "" {
		fields = append(fields, optional(geometry, binaryType), optional("bbox", BoxType))
	}
	return Table{name, key, arrow.NewSchema(fields, nil), geometry, repeats, about}
}

// The tables of a snapshot. Columns are described in docs/snapshot.md.
var (
	Segments = table("segments", []string{"segment_id"}, "geometry", nil, "streets between two crossings",
		column("segment_id", int64Type),
		column("street", textType),
		column("commune", textType),
		column("length_m", floatType),
		optional("left_from", int32Type),
		optional("left_to", int32Type),
		optional("right_from", int32Type),
		optional("right_to", int32Type),
		column("addresses", int32Type),
		column("households", floatType),
		optional("joined_to", int64Type), // the segment whose id it is published under; absent where that is its own
	)
	Addresses = table("addresses", []string{"address_id"}, "", []string{"suffix", "commune", "side", "segment_by", "households_by"}, "house numbers and where they were placed",
		column("address_id", textType),
		column("number", int32Type),
		column("suffix", textType),
		column("street", textType),
		column("commune", textType),
		column("lon", floatType),
		column("lat", floatType),
		column("segment_id", int64Type),
		column("side", textType), // left, right, on
		column("segment_off_m", floatType),
		column("segment_by", textType), // name, nearest
		column("cell", int64Type),      // resolution 12
		column("households", floatType),
		column("households_by", textType), // one of HouseholdSources
		optional("census_area", textType),
	)
	Placements = table("placements", []string{"division", "address_id", "precinct_id"}, "", []string{"division", "placed_by"}, "the precinct of each address in each division",
		column("address_id", textType),
		column("division", textType),
		column("precinct_id", int64Type),
		column("part", floatType),
		column("placed_by", textType), // table, area, street, nearest, none
		column("off_m", floatType),
	)
	Precincts = table("precincts", []string{"precinct_id"}, "geometry", []string{"division", "commune"}, "the areas votes are counted in",
		column("precinct_id", int64Type),
		column("division", textType),
		column("commune", textType),
		column("station", textType),
		column("code", textType), // as published
		column("name", textType),
	)
	Communes = table("communes", []string{"commune_id"}, "", nil, "the municipalities precincts belong to",
		column("commune_id", int64Type),
		column("commune", textType),
		column("name", textType),
	)
	Districts = table("districts", []string{"district_id"}, "geometry", []string{"set"}, "areas larger than a precinct, in sets",
		column("district_id", int64Type),
		column("set", textType),
		column("code", textType), // as published
		column("name", textType),
	)
	DistrictPrecincts = table("district_precincts", []string{"set", "precinct_id"}, "", []string{"set", "placed_by"}, "the precincts that districts are made of",
		column("set", textType),
		column("precinct_id", int64Type),
		column("district_id", int64Type),
		column("placed_by", textType), // table, commune, area
		column("part", floatType),     // of the precinct's households
	)
	CensusAreas = table("census_areas", []string{"census_area"}, "geometry", []string{"commune", "type"}, "the areas census figures are given for",
		column("census_area", textType),
		column("name", textType),
		column("commune", textType),
		column("type", textType),
		column("addresses", int32Type),
	)
	Census = table("census", []string{"census_area", "variable"}, "", []string{"variable"}, "figures by census area",
		column("census_area", textType),
		column("variable", textType),
		optional("value", floatType), // absent where the publisher keeps it secret
	)
	Contests = table("contests", []string{"contest"}, "", nil, "elections, one round each",
		column("contest", textType),
		column("name", textType),
		optional("date", textType),
		column("round", int32Type),
		column("division", textType),
		column("base", textType),
	)
	Choices = table("choices", []string{"contest", "choice"}, "", []string{"contest"}, "candidates, lists and reserved choices",
		column("contest", textType),
		column("choice", textType),
		column("name", textType),
		optional("family", textType),
		column("colour", textType),
		column("order", int32Type),
	)
	Results = table("results", []string{"contest", "precinct_id", "choice"}, "", []string{"contest", "choice"}, "official votes; the choices of a precinct sum to its registered voters",
		column("contest", textType),
		column("precinct_id", int64Type),
		column("choice", textType),
		column("votes", int64Type),
		optional("line", int64Type),     // of the results file; absent for reserved choices, which are derived
		column("provisional", boolType), // the result, and its lines, are of the contest's provisional file
	)
	Atoms = table("atoms", []string{"atom_id"}, "", []string{"division"}, "the smallest pieces: every unit is a sum of atoms",
		column("atom_id", int64Type),
		column("division", textType),
		column("segment_id", int64Type),
		column("precinct_id", int64Type),
		column("cell", int64Type), // resolution 11
		column("households", floatType),
	)
	Votes = table("votes", []string{"contest", "atom_id", "choice"}, "", []string{"contest", "choice"}, "whole votes of each atom",
		column("contest", textType),
		column("atom_id", int64Type),
		column("choice", textType),
		column("votes", int64Type),
	)
	Estimates = table("estimates", []string{"unit", "contest", "unit_id", "choice"}, "", []string{"unit", "contest", "choice", "state", "reason"}, "numbers of every unit",
		column("unit", textType),
		column("unit_id", int64Type),
		column("contest", textType),
		column("choice", textType),
		column("registered", int64Type),
		column("votes", int64Type),
		optional("share", floatType), // of the registered voters; absent where there are none
		optional("low90", floatType),
		optional("low50", floatType),
		optional("high50", floatType),
		optional("high90", floatType),
		column("state", textType),
		column("reason", textType),
		column("registered_low90", int64Type),
		column("registered_low50", int64Type),
		column("registered_high50", int64Type),
		column("registered_high90", int64Type),
		column("modelled_only", boolType), // no precinct of the unit has a result in the contest: 0 registered, 0 votes, a share that is predicted
	)
)

// Plan and PlanBefore say what of each unit was published, this time and in the snapshot before: what the next snapshot must not contradict.
var (
	Plan       = planTable("plan", "what of each unit is published, for the snapshots after this one")
	PlanBefore = planTable("plan_before", "the plan of the snapshot before, which this one heeds; empty where there is none")
)

func planTable(name, about string) Table {
	return table(name, []string{"unit", "unit_id"}, "", []string{"unit", "state"}, about,
		column("unit", textType),
		column("unit_id", int64Type),  // of segments each one, not of their stretches alone
		column("lead", int64Type),     // the unit that it is published in: of segments their stretch, else itself
		column("inhabited", boolType), // it has a household, the segment itself
		column("state", textType),     // of the lead; suppressed also where it was once and nobody lives there now
	)
}

// Crosswalks and CrosswalkResults bring results of one division to the precincts of another, where a place file asks for it.
var (
	Crosswalks = table("crosswalks", []string{"from_division", "to_division", "from_precinct_id", "to_precinct_id"}, "", []string{"from_division", "to_division"},
		"what precincts of two divisions have in common, by their addresses",
		column("from_division", textType),
		column("from_precinct_id", int64Type),
		column("to_division", textType),
		column("to_precinct_id", int64Type), // 0 where the precinct has no address with a precinct of the other division
		column("addresses", floatType),
		column("households", floatType),
		column("part", floatType), // of the from-precinct
	)
	CrosswalkResults = table("crosswalk_results", []string{"contest", "precinct_id", "choice"}, "", []string{"contest", "division", "choice"},
		"votes estimated on the precincts of another division; they add up to the official votes",
		column("contest", textType),
		column("division", textType), // of the precinct
		column("precinct_id", int64Type),
		column("choice", textType),
		column("votes", int64Type),
	)
)

// Tables lists the tables of a snapshot.
func Tables() []Table {
	return []Table{Segments, Addresses, Placements, Precincts, Communes, Districts, DistrictPrecincts, CensusAreas, Census, Contests, Choices, Results, Atoms, Votes, Estimates, Plan, PlanBefore, Crosswalks, CrosswalkResults}
}

// HasDictionary tells whether a column is written with a dictionary.
func (t Table) HasDictionary(column string) bool { return slices.Contains(t.Repeats, column) }
