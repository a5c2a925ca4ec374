// Verifies a ledger's inclusion and consistency proofs with the packages of Go's checksum database.
// It shares nothing with overt. Arguments:
//
//	inclusion VKEY LEAF PROOF        a leaf's bytes and its .tlog-proof
//	consistency VKEY OLD NEW PATH    two checkpoints and the proof, one base64 hash a line
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(path string) string {
	data, err := os.ReadFile(path)
	check(err)
	return string(data)
}

func hash(text string) (found tlog.Hash) {
	data, err := base64.StdEncoding.DecodeString(text)
	check(err)
	if len(data) != tlog.HashSize {
		check(fmt.Errorf("not a hash"))
	}
	copy(found[:], data)
	return found
}

func hashes(lines []string) (found []tlog.Hash) {
	for _, line := range lines {
		if line != "" {
			found = append(found, hash(line))
		}
	}
	return found
}

func checkpoint(text string, key string) (int64, tlog.Hash) {
	verifier, err := note.NewVerifier(key)
	check(err)
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	return size, hash(lines[2])
}

func main() {
	key := os.Args[2]
	switch os.Args[1] {
	case "inclusion":
		head, signed, _ := strings.Cut(read(os.Args[4]), "\n\n")
		lines := strings.Split(head, "\n")
		if lines[0] != "c2sp.org/tlog-proof@v1" {
			check(fmt.Errorf("unknown version"))
		}
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		check(err)
		size, root := checkpoint(signed, key)
		leaf := tlog.RecordHash([]byte(read(os.Args[3])))
		check(tlog.CheckRecord(tlog.RecordProof(hashes(lines[2:])), size, root, index, leaf))
	case "consistency":
		oldSize, oldRoot := checkpoint(read(os.Args[3]), key)
		newSize, newRoot := checkpoint(read(os.Args[4]), key)
		proof := tlog.TreeProof(hashes(strings.Split(read(os.Args[5]), "\n")))
		check(tlog.CheckTree(proof, newSize, newRoot, oldSize, oldRoot))
	}
	fmt.Println("ok")
}
