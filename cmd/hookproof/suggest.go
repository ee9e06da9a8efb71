package main

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// either lists words as in "a, b or c".
func either(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// didYouMean returns ": did you mean x?" for the known word closest to a
// mistyped one, "" if none is close.
func didYouMean(typed string, known []string) string {
	if near := nearest(typed, known); near != "" {
		return fmt.Sprintf(": did you mean %s?", near)
	}
	return ""
}

// nearest returns the known word with the fewest edits to the typed one, if
// they are at most a third of its letters; or else the only one that contains it.
func nearest(typed string, known []string) string {
	const longest = 100 // no known word comes near: do not measure
	if typed == "" || len(typed) > longest {
		return ""
	}
	best, fewest := "", max(1, len(typed)/3)+1
	for _, k := range known {
		if d := levenshtein.ComputeDistance(typed, k); d < fewest {
			best, fewest = k, d
		}
	}
	if best != "" {
		return best
	}
	for _, k := range known {
		if strings.Contains(k, typed) {
			if best != "" {
				return ""
			}
			best = k
		}
	}
	return best
}
