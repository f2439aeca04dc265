package main

import (
	"context"
	"encoding/json"
	"os"
)

func main() {
	verify, err := NewVerifier(context.Background())
	if err != nil {
		panic(err)
	}
	found := []any{}
	for _, token := range os.Args[1:] {
		claims, err := verify(token)
		if err != nil {
			found = append(found, nil)
		} else {
			found = append(found, claims)
		}
	}
	json.NewEncoder(os.Stdout).Encode(found)
}
