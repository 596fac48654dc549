package format

import "fmt"

func newShapefile(file *File) (Rows, error) {
	return nil, fmt.Errorf("%s is Shapefile, which is not read yet", file.Name())
}
