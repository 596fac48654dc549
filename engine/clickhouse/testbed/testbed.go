// Package testbed starts real ClickHouse nodes for tests: three processes on this machine, which can be killed, started again and cut off.
//
// # What it is, and what it is not
//
// A node is the ClickHouse engine of the npm package @chdb/lib-linux-x64-gnu, in the mode of clickhouse-local with its native and HTTP listeners open: the
// same parser, storage, Distributed tables and network code as a server of that version. It is not clickhouse-server: there is no Keeper and no
// port between servers, so that ReplicatedMergeTree, ON CLUSTER, users and TLS are not tested by it. Copies of a shard are tested where
// the cluster writes to each (internal_replication false). All nodes share one machine, its disk and its clock.
//
//	make test-cluster
package testbed

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Statement says in the output of tests what their nodes are.
const Statement = "the nodes are the ClickHouse engine 26.7 (libchdb) in the mode of clickhouse-local, on one machine: " +
	"no Keeper and no port between servers, so no ReplicatedMergeTree, ON CLUSTER, users or TLS; copies of a shard are written to one by one"

// Clusters of the nodes, as an address of a store names them.
const (
	Sharded = "sharded" // each node is a shard
	Copied  = "copied"  // one shard, of which each node has a copy
	Single  = "single"  // the first node alone
)

// Ports of a node. It has an address of its own.
const (
	nativePort = 9100
	httpPort   = 8223
)

// outlive bounds how long a node runs where nobody ends it.
const outlive = time.Hour

//go:embed node/node.c
var nodeSource []byte

// Cluster is three nodes.
type Cluster struct {
	Nodes  []*Node
	base   string
	turned bool
	t      testing.TB
}

// Node is one of them.
type Node struct {
	Host   string
	Backup string // a folder that it may write backups to

	program, library, dir string
	inside                []string // a command that runs it elsewhere, as in a network namespace
	command               *exec.Cmd
	ended                 chan struct{}
}

// Start starts nodes at addresses of this machine's own network and ends them with the test.
func Start(t testing.TB) *Cluster {
	t.Helper()
	// Tests that run beside each other have nodes at other addresses.
	pid := os.Getpid()
	var hosts []string
	for i := range 3 {
		hosts = append(hosts, fmt.Sprintf("127.%d.%d.%d", 100+pid>>8%100, pid&0xff, 21+i))
	}
	return start(t, hosts, func(int) []string { return nil })
}

func start(t testing.TB, hosts []string, inside func(node int) []string) *Cluster {
	t.Helper()
	t.Log(Statement)
	base := t.TempDir()
	c := &Cluster{t: t, base: base}
	program, library := install(t)
	for i, host := range hosts {
		n := &Node{Host: host, Backup: filepath.Join(base, fmt.Sprintf("backup%d", i+1)), program: program, library: library, dir: filepath.Join(base, fmt.Sprintf("node%d", i+1)), inside: inside(i)}
		if err := os.MkdirAll(n.dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(n.config(), []byte(configuration(hosts, i, base)), 0o600); err != nil {
			t.Fatal(err)
		}
		c.Nodes = append(c.Nodes, n)
	}
	t.Cleanup(func() {
		for _, n := range c.Nodes {
			n.kill()
		}
	})
	for _, n := range c.Nodes {
		c.start(n)
	}
	return c
}

// Address is how a store reaches the nodes, as a cluster of a name.
func (c *Cluster) Address(database, cluster string, more ...string) string {
	var servers []string
	for _, n := range c.Nodes {
		servers = append(servers, n.native())
	}
	if cluster == Single {
		servers = servers[:1]
	}
	return "clickhouse://" + strings.Join(servers, ",") + "/" + database + "?" + strings.Join(append([]string{"cluster=" + cluster}, more...), "&")
}

func (n *Node) native() string { return fmt.Sprintf("%s:%d", n.Host, nativePort) }
func (n *Node) data() string   { return filepath.Join(n.dir, "data") }
func (n *Node) config() string { return filepath.Join(n.dir, "config.xml") }

// Kill ends a node as kill -9 does, and returns when it has been seen that it is dead: its process is gone, and nobody listens at its address.
func (c *Cluster) Kill(n *Node) {
	c.t.Helper()
	pid := n.command.Process.Pid
	n.kill()
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		c.t.Fatalf("node %s was killed, and its process %d is still there (%v)", n.Host, pid, err)
	}
	if n.answers() {
		c.t.Fatalf("node %s was killed, and still answers", n.Host)
	}
}

// Turn starts all nodes again with the first two in each other's place in every cluster, or back.
func (c *Cluster) Turn() {
	c.t.Helper()
	var hosts []string
	for _, n := range c.Nodes {
		n.kill()
		hosts = append(hosts, n.Host)
	}
	if c.turned = !c.turned; c.turned {
		hosts[0], hosts[1] = hosts[1], hosts[0]
	}
	for i, n := range c.Nodes {
		if err := os.WriteFile(n.config(), []byte(configuration(hosts, i, c.base)), 0o600); err != nil {
			c.t.Fatal(err)
		}
		c.start(n)
	}
}

// LoseDisk removes what a node that was killed has kept.
func (c *Cluster) LoseDisk(n *Node) {
	c.t.Helper()
	if err := os.RemoveAll(n.data()); err != nil {
		c.t.Fatal(err)
	}
}

// Holds tells whether a file of any node has some bytes.
func (c *Cluster) Holds(bytes []byte) bool {
	c.t.Helper()
	found := false
	c.walk(func(path string) error {
		content, err := os.ReadFile(path)
		found = found || strings.Contains(string(content), string(bytes))
		return err
	})
	return found
}

// walk does something with each file of the nodes.
func (c *Cluster) walk(do func(path string) error) {
	c.t.Helper()
	for _, n := range c.Nodes {
		err := filepath.WalkDir(n.data(), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				err = do(path)
			}
			return ignoreGone(err) // files of merges come and go
		})
		if err != nil {
			c.t.Fatal(err)
		}
	}
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Restart starts a node again that was killed, with what is on its disk.
func (c *Cluster) Restart(n *Node) {
	c.t.Helper()
	c.start(n)
}

func (c *Cluster) start(n *Node) {
	c.t.Helper()
	if err := n.run(); err != nil {
		c.t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; {
		if n.answers() {
			return
		}
		select {
		case <-n.ended:
			c.t.Fatalf("node %s has ended:\n%s", n.Host, n.output())
		default:
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("node %s does not answer after a minute:\n%s", n.Host, n.output())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (n *Node) output() []byte {
	text, _ := os.ReadFile(filepath.Join(n.dir, "output"))
	return text
}

// run starts the process. It ends with this one, however that ends.
func (n *Node) run() error {
	output, err := os.OpenFile(filepath.Join(n.dir, "output"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer output.Close()
	query := fmt.Sprintf("SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; SELECT sleepEachRow(1) FROM numbers(%d) FORMAT Null "+
		"SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0, max_threads = 1", int(outlive.Seconds()))
	line := append(n.inside, n.program, n.library, "--config-file="+n.config(), "--path="+n.data(), "--listen_host="+n.Host,
		fmt.Sprintf("--tcp_port=%d", nativePort), fmt.Sprintf("--http_port=%d", httpPort), "--query", query)
	n.command = exec.Command(line[0], line[1:]...)
	n.command.Stdout, n.command.Stderr = output, output
	n.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	n.ended = make(chan struct{})
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the signal comes when the thread ends that started the process
		defer runtime.UnlockOSThread()
		defer close(n.ended)
		err := n.command.Start()
		started <- err
		if err == nil {
			_ = n.command.Wait()
		}
	}()
	return <-started
}

func (n *Node) kill() {
	if n.command == nil || n.command.Process == nil {
		return
	}
	_ = n.command.Process.Kill()
	<-n.ended
}

// answers tells whether a node listens. It begins to when its tables are there.
func (n *Node) answers() bool {
	connection, err := net.DialTimeout("tcp", n.native(), 2*time.Second)
	return err == nil && connection.Close() == nil
}

// configuration is what each node is told: the clusters, to take a fair share of the machine, and where backups may go.
func configuration(hosts []string, node int, backups string) string {
	var shards, replicas []string
	for _, host := range hosts {
		replica := fmt.Sprintf("<replica><host>%s</host><port>%d</port></replica>", host, nativePort)
		replicas = append(replicas, replica)
		shards = append(shards, "<shard>"+replica+"</shard>")
	}
	cluster := func(name string, shards ...string) string {
		return "<" + name + ">" + strings.Join(shards, "") + "</" + name + ">"
	}
	return "<clickhouse><remote_servers>" + cluster(Sharded, shards...) + cluster(Single, shards[0]) +
		cluster(Copied, "<shard><internal_replication>false</internal_replication>"+strings.Join(replicas, "")+"</shard>") +
		"</remote_servers>" + fmt.Sprintf("<macros><shard>%d</shard><replica>1</replica></macros>", node+1) + "<backups><allowed_path>" + backups + "</allowed_path></backups><max_server_memory_usage>2000000000</max_server_memory_usage><timezone>Europe/Paris</timezone></clickhouse>"
}

var program struct {
	sync.Once
	node, library string
	err           error
}

// install finds the engine, which make test-cluster installs, and builds the program that runs it.
func install(t testing.TB) (node, library string) {
	t.Helper()
	program.Do(func() {
		_, file, _, _ := runtime.Caller(0)
		program.library = filepath.Join(filepath.Dir(file), "node_modules", "@chdb", "lib-linux-x64-gnu", "libchdb.so")
		if _, program.err = os.Stat(program.library); program.err != nil {
			program.err = fmt.Errorf("the ClickHouse engine is not installed (%w): run make test-cluster, which needs npm and gcc on Linux x86-64", program.err)
			return
		}
		dir, err := os.MkdirTemp("", "arpent-node-")
		if err != nil {
			program.err = err
			return
		}
		source := filepath.Join(dir, "node.c")
		program.node = filepath.Join(dir, "node")
		if program.err = os.WriteFile(source, nodeSource, 0o600); program.err != nil {
			return
		}
		if output, err := exec.Command("gcc", "-O1", "-rdynamic", "-o", program.node, source, "-ldl").CombinedOutput(); err != nil {
			program.err = fmt.Errorf("gcc builds the program that runs the ClickHouse engine: %w\n%s", err, output)
		}
	})
	if program.err != nil {
		t.Fatal(program.err)
	}
	return program.node, program.library
}
