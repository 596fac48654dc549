package main

import "testing"

// TestEveryDepartmentHasAnExtract counts the departments: 96 of the mainland and Corsica, 5 overseas.
func TestEveryDepartmentHasAnExtract(t *testing.T) {
	if len(extracts) != 101 {
		t.Errorf("%d departments have an extract, there are 101", len(extracts))
	}
	for department := range overseas {
		if extracts[department] == "" {
			t.Errorf("department %s has no extract", department)
		}
	}
}
