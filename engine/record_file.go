package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// A record is a small file of the folder state that is there whole or not at all: campaigns, tokens, jobs. It is written beside, fsynced and
// renamed, and holds a hash of its content. Its folder has mode 0700, it 0600.
const (
	RecordSuffix = ".json"
	// UnfinishedPrefix begins the name of what is being written. Whoever is killed meanwhile leaves it, and PrivateFolder removes it. No id
	// begins like that.
	UnfinishedPrefix = ".new-"
	// MostRecordBytes is more than any record has: what is larger is not read.
	MostRecordBytes = 8 << 20
)

// A file is {"sha256":"HASH","record":RECORD}, to the byte: by the hash of the record's bytes a damaged file is known.
const (
	beforeHash   = `{"sha256":"`
	beforeRecord = `","record":`
	afterRecord  = "}\n"
	hashDigits   = 2 * sha256.Size
)

// seal gives the content of a file that holds a record.
func seal(record []byte) []byte {
	sum := sha256.Sum256(record)
	return slices.Concat([]byte(beforeHash), hex.AppendEncode(nil, sum[:]), []byte(beforeRecord), record, []byte(afterRecord))
}

// unseal gives the record in the content of a file, which must be what seal makes of it.
func unseal(content []byte) (record []byte, err error) {
	const head = len(beforeHash) + hashDigits + len(beforeRecord)
	if len(content) < head+len(afterRecord) {
		return nil, errors.New("it ends early")
	}
	record = content[head : len(content)-len(afterRecord)]
	if !bytes.Equal(content, seal(record)) {
		return nil, errors.New("its content has another hash")
	}
	return record, nil
}

// DamagedRecord says that a file is not what WriteRecord wrote, or does not hold what it is for.
func DamagedRecord(path, why string) error {
	return fmt.Errorf("engine: the file %s is damaged (%s): put it back from a backup, or move it away and make anew what it was for", path, why)
}

// WriteRecord makes a file hold a record, which JSON can hold, durably, whole or not at all.
func WriteRecord(path string, record any) error {
	raw, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("engine: write %s: %w", path, err)
	}
	dir, name := filepath.Split(path)
	beside := filepath.Join(dir, UnfinishedPrefix+name)
	if err := writeSynced(beside, seal(raw)); err != nil {
		os.Remove(beside) // else PrivateFolder does
		return fmt.Errorf("engine: write %s: %w", path, err)
	}
	if err := os.Rename(beside, path); err != nil {
		return fmt.Errorf("engine: write %s: %w", path, err)
	}
	return SyncDir(dir)
}

func writeSynced(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

// ReadRecord reads a record, strictly: a file that others may read, a link, and whatever is not as it was written are errors.
func ReadRecord(path string, record any) error {
	content, err := readPrivate(path)
	if err != nil {
		return err
	}
	raw, err := unseal(content)
	if err == nil {
		err = decodeStrictly(raw, record)
	}
	if err != nil {
		return DamagedRecord(path, err.Error())
	}
	return nil
}

func readPrivate(path string) ([]byte, error) {
	// Neither a link nor a pipe is followed or waited for.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("engine: read %s: %w", path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("engine: read %s: %w", path, err)
	case !info.Mode().IsRegular():
		return nil, DamagedRecord(path, "it is not a plain file")
	case info.Size() > MostRecordBytes:
		return nil, DamagedRecord(path, "it is too large")
	}
	if err := isPrivate(path, info); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(file, MostRecordBytes))
	if err != nil {
		return nil, fmt.Errorf("engine: read %s: %w", path, err)
	}
	return content, nil
}

// isPrivate refuses what others than its owner may read: it may have been read.
func isPrivate(path string, info os.FileInfo) error {
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("engine: others may read %s (mode %04o): `chmod -R go= %s` keeps it private", path, info.Mode().Perm(), filepath.Dir(path))
	}
	return nil
}

func decodeStrictly(content []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind its end")
	}
	return nil
}

// EachRecord calls each with the id and path of each record of a folder. What was left half-written is removed; what does not
// belong there is an error.
func EachRecord(dir string, each func(id, path string) error) error {
	entries, err := PrivateFolder(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		id, isRecord := strings.CutSuffix(entry.Name(), RecordSuffix)
		if !isRecord || !IsCode(id) {
			return fmt.Errorf("engine: %s does not belong there: move it away", path)
		}
		if err := each(id, path); err != nil {
			return err
		}
	}
	return nil
}

// PrivateFolder lists a folder that nobody else may read, after it has removed what was left half-written.
func PrivateFolder(dir string) ([]os.DirEntry, error) {
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, fmt.Errorf("engine: read %s: %w", dir, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("engine: %s is not a folder: move it away", dir)
	}
	if err := isPrivate(dir, info); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("engine: read %s: %w", dir, err)
	}
	kept := entries[:0]
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), UnfinishedPrefix) {
			kept = append(kept, entry)
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return nil, fmt.Errorf("engine: remove what was left half-written: %w", err)
		}
	}
	return kept, nil
}
