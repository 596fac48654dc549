package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/arpent/arpent/datasets"
	"github.com/arpent/arpent/engine"
)

func (p *program) fetchCommand() *cobra.Command {
	var data string
	var update bool
	c := &cobra.Command{
		Use:   "fetch PLACE.yaml",
		Short: "Download the files of a place that have a url:",
		Long: `Downloads the file of every source of a place that has a url:, to its path:. What breaks off goes on where it stopped, at once
or with the next run; a file gets its name only when all of it is there.

Beside the place file, PLACE.lock.json keeps the size and SHA-256 of every file: keep it with the place file, and whoever builds
the place has the same files to the byte. Files that are there are only compared with it. When a publisher puts out a new file,
--update takes it.`,
		Example: `  arpent fetch toulouse.yaml
  arpent fetch toulouse.yaml --update`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("fetch takes one place file: arpent fetch toulouse.yaml")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return p.fetch(c.Context(), c.OutOrStdout(), args[0], data, update)
		},
	}
	c.Flags().StringVar(&data, "data", "", "folder that the paths in the place file are relative to (default: the place file's folder)")
	c.Flags().BoolVar(&update, "update", false, "take what the publishers have now, and write it into the lock file")
	return c
}

// wanted is a file that sources of a place are read from.
type wanted struct {
	path, url string // the path as in the place file, without the member of an archive
	where     string // in the place file
	dataset   string
}

func (p *program) fetch(ctx context.Context, out io.Writer, placeFile, data string, update bool) error {
	place, err := engine.ReadPlace(placeFile)
	if err != nil {
		return err
	}
	files, err := wantedFiles(place)
	if err != nil {
		return err
	}
	lock, err := datasets.ReadLock(placeFile)
	if err != nil {
		return err
	}
	if data == "" {
		data = filepath.Dir(placeFile)
	}
	bars := newProgress(p.stderr)
	var told []string
	var failed []error
	for _, file := range files {
		said, err := fetchOne(ctx, lock, file, filepath.Join(data, filepath.FromSlash(file.path)), update, bars)
		if ctx.Err() != nil {
			bars.Stop()
			return ctx.Err()
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		told = append(told, file.path+": "+said)
	}
	if len(failed) > 0 {
		bars.Stop()
	} else {
		bars.Done()
	}
	for _, line := range told {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	for _, err := range failed[:max(len(failed)-1, 0)] {
		fmt.Fprintf(p.stderr, "arpent: %s\n", sentence(err))
	}
	if len(failed) > 0 {
		return failed[len(failed)-1]
	}
	return nil
}

// wantedFiles lists the files of a place's sources, each once, in the order of the place file.
func wantedFiles(place *engine.Place) ([]wanted, error) {
	var files []wanted
	at := map[string]int{}
	for _, spec := range place.Sources {
		file := wanted{path: containerPath(spec.Path), url: spec.URL, where: place.Where(spec), dataset: spec.Dataset}
		if i, ok := at[file.path]; ok {
			switch {
			case files[i].url == "":
				files[i].url = file.url
			case file.url != "" && file.url != files[i].url:
				return nil, fmt.Errorf("%s: %s has another url than in %s: give one of them another path", file.where, file.path, files[i].where)
			}
			continue
		}
		if file.url != "" && !filepath.IsLocal(filepath.FromSlash(file.path)) {
			return nil, fmt.Errorf("%s: %s leads out of the data folder, and fetch writes only in there: give a path below it", file.where, file.path)
		}
		at[file.path] = len(files)
		files = append(files, file)
		if beside, ok := besideIt(file); ok {
			files = append(files, beside)
		}
	}
	return files, nil
}

// besideIt is the file that is read together with another and published beside it.
func besideIt(file wanted) (wanted, bool) {
	dataset, err := datasets.ByName(file.dataset)
	if err != nil || file.url == "" {
		return wanted{}, false // building says so
	}
	file.path, file.url = dataset.Beside(file.path), dataset.Beside(file.url)
	return file, file.path != "" && file.url != ""
}

// containerPath is the path of the file on disk that a path of a place file leads into: iris.zip of iris.zip/IRIS.shp.
func containerPath(of string) string {
	elements := strings.Split(filepath.ToSlash(of), "/")
	for i, element := range elements[:len(elements)-1] {
		switch strings.ToLower(path.Ext(element)) {
		case ".zip", ".7z":
			return strings.Join(elements[:i+1], "/")
		}
	}
	return strings.Join(elements, "/")
}

// fetchOne brings one file, or finds it there, and says what it did.
func fetchOne(ctx context.Context, lock *datasets.Lock, file wanted, onDisk string, update bool, bars *progress) (string, error) {
	info, err := os.Stat(onDisk)
	there := err == nil
	switch {
	case there && info.IsDir():
		return "", fmt.Errorf("%s: %s is a folder: give the path of a file", file.where, file.path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", err
	case file.url == "" && there:
		return "there; without a url: it is yours to keep", nil
	case file.url == "":
		return "", fmt.Errorf("%s: %s is not there and has no url: %s", file.where, file.path, byHand(file.dataset))
	}
	known := lock.Find(file.path)
	if there && !update {
		return compare(lock, file, onDisk, known)
	}
	if there && known != nil && known.URL == file.url {
		changed, err := datasets.Fetcher{}.Changed(ctx, *known)
		if err == nil && !changed {
			return compare(lock, file, onDisk, known)
		}
	}
	if update {
		known = nil
	}
	fetcher := datasets.Fetcher{Progress: func(done, total int64) { bars.Hear(file.path, done, total) }}
	got, err := fetcher.Fetch(ctx, file.url, onDisk, known)
	if err != nil {
		return "", fmt.Errorf("%s: %s: %w", file.where, file.path, err)
	}
	got.Path = file.path
	if err := lock.Put(got); err != nil {
		return "", fmt.Errorf("lock file: %w", err)
	}
	return message.NewPrinter(language.English).Sprintf("fetched, %d bytes", got.Size), nil
}

// compare holds a file that is there to the lock file. One that the lock file does not know is taken into it.
func compare(lock *datasets.Lock, file wanted, onDisk string, known *datasets.Fetched) (string, error) {
	found, err := datasets.Measure(onDisk)
	if err != nil {
		return "", err
	}
	switch {
	case known == nil:
		found.Path = file.path
		if err := lock.Put(found); err != nil {
			return "", fmt.Errorf("lock file: %w", err)
		}
		return "was there, and is in the lock file now; --update downloads it", nil
	case !found.Same(*known):
		return "", fmt.Errorf("%s: %s is not the file that %s is about: delete it and fetch again, or take what the publisher has now with --update",
			file.where, file.path, lock.Name())
	}
	return "as in the lock file", nil
}

// byHand says where the files of a dataset are published.
func byHand(name string) string {
	dataset, err := datasets.ByName(name)
	if err != nil || dataset.Address == "" {
		return "download it, or add url:"
	}
	return fmt.Sprintf("download it from %s, or add url:", dataset.Address)
}
