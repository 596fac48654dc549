package format

import "fmt"

func newTopology(file *File, layer string) (Rows, error) {
	return nil, fmt.Errorf("%s is TopoJSON, which is not read yet", file.Name())
}
