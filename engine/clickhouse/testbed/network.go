package testbed

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// apart is set in a test that runs in a network of its own.
const apart = "ARPENT_TEST_NETWORK"

// Apart runs a test again in a process that has a network of its own, in which links can be cut, and tells whether this is that process. It needs
// unshare and ip, and either root or user namespaces for everybody.
func Apart(t *testing.T) bool {
	t.Helper()
	if os.Getenv(apart) != "" {
		return true
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("unshare", "--user", "--map-root-user", "--net", "--mount", executable, "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=5m")
	command.Env = append(os.Environ(), apart+"=1")
	output, err := command.CombinedOutput()
	t.Logf("in a network of its own:\n%s", output)
	if err != nil {
		t.Fatalf("the test in a network of its own: %v (it needs the Debian packages util-linux and iproute2)", err)
	}
	return false
}

// Network is three nodes, each in a network namespace, joined by a bridge.
type Network struct {
	*Cluster
}

// StartApart starts nodes whose links can be cut, in a process of Apart.
func StartApart(t *testing.T) *Network {
	t.Helper()
	run := func(line string) {
		t.Helper()
		words := strings.Fields(line)
		if output, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", line, err, output)
		}
	}
	run("mount -t tmpfs none /run") // where ip keeps the names of namespaces
	run("ip link set lo up")
	run("ip link add bridge0 type bridge")
	run("ip addr add 10.77.0.1/24 dev bridge0")
	run("ip link set bridge0 up")
	var hosts []string
	for i := range 3 {
		name := fmt.Sprintf("node%d", i)
		host := fmt.Sprintf("10.77.0.%d", 21+i)
		hosts = append(hosts, host)
		run("ip netns add " + name)
		run(fmt.Sprintf("ip link add %s type veth peer name eth0 netns %s", name, name))
		run(fmt.Sprintf("ip link set %s master bridge0 up", name))
		run(fmt.Sprintf("ip -n %s addr add %s/24 dev eth0", name, host))
		run(fmt.Sprintf("ip -n %s link set eth0 up", name))
		run(fmt.Sprintf("ip -n %s link set lo up", name))
	}
	return &Network{start(t, hosts, func(node int) []string { return []string{"ip", "netns", "exec", fmt.Sprintf("node%d", node)} })}
}

// Cut takes the cable of a node out: nothing reaches it, and nobody is told. Mend puts it back.
func (n *Network) Cut(node int) { n.link(node, "nomaster") }

// Mend puts the cable of a node back.
func (n *Network) Mend(node int) { n.link(node, "master", "bridge0") }

func (n *Network) link(node int, change ...string) {
	n.t.Helper()
	if output, err := exec.Command("ip", append([]string{"link", "set", fmt.Sprintf("node%d", node)}, change...)...).CombinedOutput(); err != nil {
		n.t.Fatalf("ip link set: %v: %s", err, output)
	}
}
