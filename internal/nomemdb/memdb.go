// Package memdb stands in the place of github.com/hashicorp/go-memdb, for godog alone, and keeps nothing. godog tells a
// database of every step that it matched and ran, so that its own formatters can ask for them; the tool's formatter shows
// nothing and asks for nothing, and the transactions of immutable trees were a fifth of a run's processor time and half of
// its garbage. A formatter that asks is told that it cannot.
//
// It has what godog v0.16.0 uses, and no more: a godog that uses more does not compile.
package memdb

import "errors"

var errNothingKept = errors.New("nothing is kept of what godog ran: no formatter may ask for it")

// DBSchema describes a database.
type DBSchema struct{ Tables map[string]*TableSchema }

// TableSchema describes a table.
type TableSchema struct {
	Name    string
	Indexes map[string]*IndexSchema
}

// IndexSchema describes an index of a table.
type IndexSchema struct {
	Name    string
	Unique  bool
	Indexer any
}

// StringFieldIndex describes an index over a field that is text.
type StringFieldIndex struct{ Field string }

// IntFieldIndex describes an index over a field that is a number.
type IntFieldIndex struct{ Field string }

// MemDB is a database that keeps nothing.
type MemDB struct{}

// Txn is a transaction of it.
type Txn struct{}

// ResultIterator goes through what was found.
type ResultIterator interface{ Next() any }

// NewMemDB returns a database.
func NewMemDB(*DBSchema) (*MemDB, error) { return &MemDB{}, nil }

// Txn begins a transaction.
func (*MemDB) Txn(write bool) *Txn { return &Txn{} }

// Insert lets go of what is given.
func (*Txn) Insert(table string, row any) error { return nil }

// First always fails.
func (*Txn) First(table, index string, args ...any) (any, error) { return nil, errNothingKept }

// Get always fails.
func (*Txn) Get(table, index string, args ...any) (ResultIterator, error) {
	return nil, errNothingKept
}

// Commit ends a transaction.
func (*Txn) Commit() {}

// Abort ends a transaction.
func (*Txn) Abort() {}
