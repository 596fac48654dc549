package build

// fileRow is where a row came from.
type fileRow struct {
	file int32 // index in material.files
	line int64 // or the number of the feature
}

// rowOrigin is a fileRow in eight bytes, for rows by the million. Origins are in the order of the place file, then of the file.
type rowOrigin uint64

const lineBits = 40

func originOf(file int32, line int64) rowOrigin {
	return rowOrigin(file)<<lineBits | rowOrigin(line)&(1<<lineBits-1)
}

func (o rowOrigin) row() fileRow { return fileRow{int32(o >> lineBits), int64(o & (1<<lineBits - 1))} }
