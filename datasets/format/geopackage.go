package format

import "fmt"

func newGeoPackage(file *File, layer string) (Rows, error) {
	return nil, fmt.Errorf("%s is GeoPackage, which is not read yet", file.Name())
}
