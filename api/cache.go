package api

import (
	"container/list"
	"sync"
)

// cache keeps the values used last, up to a number of bytes. What is under a key is always the same. Unlike tileCache it keeps what is new for a
// while whatever else is there: somebody who pages through rows comes back for it.
type cache[K comparable, V any] struct {
	mu      sync.Mutex
	budget  int64
	weigh   func(V) int64 // its bytes
	size    int64
	entries map[K]*list.Element
	recent  *list.List // of *cached[K, V], the one used last in front
}

type cached[K comparable, V any] struct {
	key   K
	value V
	size  int64
}

// entryOverhead is about what the maps and lists take for an entry, in bytes.
const entryOverhead = 400

func newCache[K comparable, V any](budget int64, weigh func(V) int64) *cache[K, V] {
	return &cache[K, V]{budget: budget, weigh: weigh, entries: map[K]*list.Element{}, recent: list.New()}
}

func (c *cache[K, V]) get(key K) (value V, there bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok {
		return value, false
	}
	c.recent.MoveToFront(e)
	return e.Value.(*cached[K, V]).value, true
}

// put keeps a value and drops those not used for longest until all fit the budget.
func (c *cache[K, V]) put(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.entries[key]; ok {
		return // the same
	}
	added := &cached[K, V]{key, value, c.weigh(value) + entryOverhead}
	c.entries[key] = c.recent.PushFront(added)
	c.size += added.size
	for c.size > c.budget {
		last := c.recent.Back()
		dropped := c.recent.Remove(last).(*cached[K, V])
		delete(c.entries, dropped.key)
		c.size -= dropped.size
	}
}
