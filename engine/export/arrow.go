package export

import (
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// arrowStream writes the streaming format of Arrow. One that broke off has no end mark.
type arrowStream struct{ out *ipc.Writer }

func newArrow(out io.Writer, schema *arrow.Schema, o Options) (Writer, error) {
	return &arrowStream{ipc.NewWriter(out, ipc.WithSchema(schema), ipc.WithAllocator(o.Memory))}, nil
}

func (w *arrowStream) Write(batch arrow.RecordBatch) error { return w.out.Write(batch) }

func (w *arrowStream) Close() error { return w.out.Close() } // also without a batch, so that the schema is there
