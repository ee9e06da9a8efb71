package main

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"

	"github.com/spf13/cobra"

	"hookproof/fixtures"
	"hookproof/schemas"
)

// worldFlags are the flags that say which world to make.
type worldFlags struct {
	seed            uint64
	users, groups   int
	mix             string
	generation      *choice
	documented      bool
	generationGiven func() bool
}

func (f *worldFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Uint64Var(&f.seed, "seed", 0, "repeat, byte for byte, the events that had this seed (default a fresh one)")
	flags.IntVar(&f.users, "users", 0, "how many `PEOPLE` there are, 2 to 100000 (default 24)")
	flags.IntVar(&f.groups, "groups", 0, "how many `GROUPS` there are, 1 to 10000 (default one for six people)")
	flags.StringVar(&f.mix, "mix", "", "what people do: `MIX` is default, chat, groups, calls or campaign, weights such as chats=10,calls=2, or a file with them")
	f.generation = addChoice(cmd, "generation", "the generation of webhooks that the events are of", plain(schemas.Generations()))
	flags.BoolVar(&f.documented, "documented", false, "leave out what is only observed in live deliveries")
	f.generationGiven = func() bool { return flags.Changed("generation") }
	var names []string
	for _, m := range fixtures.Mixes() {
		names = append(names, m.Name)
	}
	completeOrFile(cmd, "mix", names)
}

// options returns the world's, with a fresh seed unless one was given. Ids of
// messages differ from seed to seed, for a receiver takes one that it knows for a
// repetition.
func (f *worldFlags) options(seedGiven bool) (fixtures.Options, error) {
	const mostUsers, mostGroups = 100_000, 10_000
	switch {
	case f.users != 0 && (f.users < 2 || f.users > mostUsers):
		return fixtures.Options{}, usagef("--users %d: want 2 to %d", f.users, mostUsers)
	case f.groups < 0 || f.groups > mostGroups:
		return fixtures.Options{}, usagef("--groups %d: want 1 to %d", f.groups, mostGroups)
	}
	if !seedGiven {
		f.seed = rand.Uint64N(1 << 53) // a number that every program can read
	}
	const worlds, ids = 1_000_000, 1_000_000_000 // below 1<<53, for receivers that read ids as floats
	o := fixtures.Options{
		Seed: f.seed, Users: f.users, Groups: f.groups, Documented: f.documented, Generation: schemas.Generation(f.generation.value),
		FirstID: (1 + rand.New(rand.NewPCG(f.seed, 0)).Int64N(worlds)) * ids,
	}
	var err error
	if f.mix != "" {
		o.Mix, err = readMix(f.mix)
	}
	return o, err
}

// maxMix bounds a file with a mix.
const maxMix = 64 << 10

// readMix returns the mix of a name, of weights, or in a file.
func readMix(text string) (fixtures.Mix, error) {
	m, err := fixtures.ParseMix(text)
	if err == nil {
		return m, nil
	}
	content, problem := os.ReadFile(text)
	switch {
	case errors.Is(problem, fs.ErrNotExist):
		return m, usagef("--mix %.60q: is no file, and as a mix: %w", text, err)
	case problem != nil:
		return m, usagef("--mix %.60q: %w; as a file it cannot be read: %w", text, err, cause(problem))
	case len(content) > maxMix:
		return m, usagef("--mix %.60q: has %d bytes: want at most %d", text, len(content), maxMix)
	}
	if m, err = fixtures.ParseMix(string(content)); err != nil {
		return m, usagef("--mix %.60q: %w", text, err)
	}
	return m, nil
}
