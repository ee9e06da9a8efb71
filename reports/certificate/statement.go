package certificate

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	testresult "github.com/in-toto/attestation/go/predicates/test_result/v0"
	attestation "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// The names of a statement.
const (
	payloadType   = "application/vnd.in-toto+json"
	predicateType = "https://in-toto.io/attestation/test-result/v0.1"
	runName       = "hookproof run"
	catalogueName = "hookproof catalogue"
)

// statement puts a certificate into in-toto's words.
func statement(c *Certificate) ([]byte, error) {
	// What has a member of its own in the statement is left out of the annotations.
	rest := *c
	rest.Passed, rest.Warned, rest.Failed, rest.KeyID = nil, nil, nil, ""
	annotations, err := toStruct(rest)
	if err != nil {
		return nil, err
	}
	result := "PASSED"
	if len(c.Warned)+len(c.Failed) > 0 {
		result = "WARNED"
	}
	predicate, err := asStruct(&testresult.TestResult{
		Result: result, PassedTests: c.Passed, WarnedTests: c.Warned, FailedTests: c.Failed,
		Configuration: []*attestation.ResourceDescriptor{
			{Name: runName, Digest: digestOf(c.Configuration), Annotations: annotations},
			{Name: catalogueName, Digest: digestOf(c.Catalogue)},
		},
	})
	if err != nil {
		return nil, err
	}
	s := &attestation.Statement{
		Type: attestation.StatementTypeUri, PredicateType: predicateType, Predicate: predicate,
		Subject: []*attestation.ResourceDescriptor{{Name: c.Target, Uri: c.Target, Digest: map[string]string{"sha256": fmt.Sprintf("%x", sha256.Sum256([]byte(c.Target)))}}},
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("make statement: %w", err)
	}
	text, err := protojson.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("make statement: %w", err)
	}
	return text, nil
}

// parseStatement reads what statement wrote.
func parseStatement(text []byte) (*Certificate, error) {
	var s attestation.Statement
	if err := protojson.Unmarshal(text, &s); err != nil {
		return nil, errors.New("the payload is no in-toto statement")
	}
	if err := s.Validate(); err != nil || s.GetPredicateType() != predicateType || len(s.GetSubject()) != 1 {
		return nil, fmt.Errorf("the payload is no statement of type %s about one subject", predicateType)
	}
	var result testresult.TestResult
	raw, err := protojson.Marshal(s.GetPredicate())
	if err == nil {
		err = protojson.Unmarshal(raw, &result)
	}
	if err != nil {
		return nil, errors.New("the predicate is no test result")
	}
	parts := map[string]*attestation.ResourceDescriptor{}
	for _, d := range result.GetConfiguration() {
		parts[d.GetName()] = d
	}
	run, catalogue := parts[runName], parts[catalogueName]
	if run == nil || catalogue == nil {
		return nil, errors.New("the test result is not one of hookproof")
	}
	raw, err = run.GetAnnotations().MarshalJSON()
	if err != nil {
		return nil, errors.New("the description of the run cannot be read")
	}
	var c Certificate
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, errors.New("the description of the run cannot be read")
	}
	c.Passed, c.Warned, c.Failed = result.GetPassedTests(), result.GetWarnedTests(), result.GetFailedTests()
	if c.Target != s.GetSubject()[0].GetName() || c.Configuration != "sha256:"+run.GetDigest()["sha256"] || c.Catalogue != "sha256:"+catalogue.GetDigest()["sha256"] {
		return nil, errors.New("the statement contradicts itself")
	}
	return &c, nil
}

func digestOf(digest string) map[string]string {
	return map[string]string{"sha256": strings.TrimPrefix(digest, "sha256:")}
}

// toStruct makes a protobuf struct of what encoding/json makes of a certificate.
func toStruct(c Certificate) (*structpb.Struct, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("make statement: %w", err)
	}
	return readStruct(raw)
}

// asStruct makes one of another message.
func asStruct(m proto.Message) (*structpb.Struct, error) {
	raw, err := protojson.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("make statement: %w", err)
	}
	return readStruct(raw)
}

func readStruct(raw []byte) (*structpb.Struct, error) {
	var s structpb.Struct
	if err := protojson.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("make statement: %w", err)
	}
	return &s, nil
}
