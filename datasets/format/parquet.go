package format

import "fmt"

func newParquet(file *File) (Rows, error) {
	return nil, fmt.Errorf("%s is Parquet, which is not read yet", file.Name())
}
