// Package storetest is the contract of engine.Store as tests. A store that passes it keeps the field log:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T, dir string) engine.Store { ... })
//	}
//
// What a store answers is compared with [Log], which keeps everything in memory and counts in plain loops.
// The tests are tested themselves: each finds the fault of a bad store in faults_test.go.
package storetest
