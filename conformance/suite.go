package conformance

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
)

// Where requirements are said.
const (
	srcEndpoint   = "CometChat documentation, webhooks: endpoint requirements"
	srcManagement = "CometChat documentation, management API: limits of a webhook"
	srcPractice   = "CometChat documentation, webhooks: best practices"
	srcTriggers   = "CometChat documentation, webhooks: triggers and payloads"
	srcLive       = "assertions of a public QA suite on live deliveries, 2026-09"
	srcOurs       = "hookproof's engineering judgement"
)

// Suite returns the checks in the order of the catalogue. The slices are
// fresh; the checks are values to read.
func Suite() []*Check {
	return []*Check{
		urlScheme(), urlLength(), urlUserinfo(), urlFragment(), credLimits(), credStrength(), idLimits(), hostEphemeral(), triggersKnown(),

		dnsResolves(), dnsPublic(), dnsIPv4(), connects(), handshakes(), chainTrusted(), hostnameMatches(), validNow(),
		expiresLater(), versionFloor(), versionLegacy(), strongKey(), noClientCertificate(), version12(), withoutSNI(), notRevoked(), resumption(), protocols(),
		strictTransport(), usualPort(), dnsAllServe(), plainHTTPLure(), noRedirect(),

		postAllowed(), getSafe(), getStatus(), otherMethod("put", http.MethodPut, true), otherMethod("patch", http.MethodPatch, true),
		otherMethod("delete", http.MethodDelete, true), otherMethod("head", http.MethodHead, false), otherMethod("options", http.MethodOptions, false),
		traceMethod(), unknownMethod(),

		jsonAccepted(), typeCase(), typeCharset(), acceptHeaders(), userAgents(), headerNames(), typeMissing(), typeWrong(), extraHeaders(), noSignature(),

		acceptsEvents(), exactly200(), latencyHard(), latencyComfort(), acceptsTriggers(), completeAnswers(), stableAnswers(),
		latencyCold(), noInlineWork(), smallBody(), noCookies(), interim(), catchAll(), wrongApp(), liveVariants(), latencyTrigger(),

		unknownField(), optionalMissing(), unknownTrigger(), keyOrder(), whitespace(), actionMessage(), editedBothShapes(),
		messageTypes(), receiverKinds(), unicodeText(), htmlAndQuotes(), textEmpty(), text9k(), size64k(), malformedBody(), emptyBody(), nonObject(),
		wrongTypes(), nullOptional(), unsubscribedTrigger(), mapsMany(), uidNumeric(), uidProto(), uidLong(), textNUL(), loneSurrogate(), bigInt(), floatTime(), idNumber(),
		duplicateKeys(), byteOrderMark(), nestingDepth(), size256k(), invalidUTF8(), media401(),

		duplicateAck(), duplicateThird(), duplicateEffect(), reserialisedEffect(), sameIDOtherTrigger(), secondEdit(), sameIDOtherWebhook(), blockUnblockBlock(), after5xx(), longMemory(),

		lateEvent(), veryOldEvent(), futureEvent(), invertedOrder(), orphanEvents(),

		keepAlive(), parallelEvents(), chunkedBody(), newConnections(), idleClose(), expectContinue(), gzipRequest(), gzipResponse(), overHTTP2(), oldHTTP(), wrongHost(), halfClose(),
		slowBody(), slowHeaders(), abortedRequests(), shortBody(), pipelining(), sizeLimit(),
		interleaved(), concurrentCopies(), afterTimeout(),

		variantsAccepted(),

		legacyAfterMessage(), legacyConnection(), beforeNoID(), beforeJSON(), beforeNoDrop(), beforeDropShape(), beforeLatency(), legacyReceiptsAccepted(), customProvider(),

		authConfigured(), authValid(), csrfHint(), authSchemeCase(), authNone(), authInQuery(), authInBody(), authOtherHeader(), authPathVariants(), authAllTriggers(),
		authEveryRequest(), authBeforeParse(), authChallenge(), methodOverride(),
		// Wrong credentials come last: they may lock the run out.
		authAnyBasic(), authWrongPass(), authWrongUser(), authSwapped(), authEmptyPass(), authEmptyUser(), authPrefix(), authSuffix(),
		authCase(), authEmpty(), authBadBase64(), authNoColon(), authBearer(), authUserCase(), authDuplicate(), authNoEffect(), authLockout(),

		credentialEcho(), stackTraces(), payloadEcho(), headerInjection(), userEnumeration(), versionBanner(), browserHeaders(), crossOrigin(), ssrfCanary(),
		credentialRotation(), timing(), rateLimitScope(),

		loadBurst(), loadShedding(), loadRecovery(), loadNoLoss(), loadSpike(), loadRetryStorm(), loadSustained(), loadDeployGap(),
	}
}

// ordered returns the checks in the order of a run: by phase, and within a
// phase as in the suite.
func ordered() []*Check {
	return slices.SortedStableFunc(slices.Values(Suite()), func(a, b *Check) int { return cmp.Compare(a.phase, b.phase) })
}

func lookup(id string) (*Check, bool) {
	for _, c := range Suite() {
		if c.ID == id {
			return c, true
		}
	}
	return nil, false
}

// transportMusts are the checks of the transport that nothing else makes sense without.
var transportMusts = sync.OnceValue(func() []string {
	var ids []string
	for _, c := range Suite() {
		if c.phase == phaseTransport && c.Level == Must {
			ids = append(ids, c.ID)
		}
	}
	return ids
})
