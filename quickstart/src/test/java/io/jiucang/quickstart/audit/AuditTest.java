package io.jiucang.quickstart.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.v1.CloudEventBuilder;
import io.jiucang.events.EventJson;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.envelope.EventSigner;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.Sha256;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Hash;
import io.jiucang.quickstart.audit.Breach.Check;
import io.jiucang.starter.store.ToldRows.ToldRow;
import io.jiucang.title.Rule;
import io.jiucang.title.directory.Pins;
import io.jiucang.title.directory.Service;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each way to be caught, on a ledger of four leaves: directory, tick, an event of token-service, tick. */
class AuditTest {

    private static final VaultOpened OPENED = new VaultOpened(
            new VaultId("019aa0c0-0000-7000-8000-000000000002"),
            new PlanId("019aa0c0-0000-7000-8000-000000000001"),
            "luzhou-1",
            "GJ1573-A");
    private static final String OTHER_DATA = new String(EventJson.write(OPENED), UTF_8).replace("luzhou-1", "luzhou-2");
    private static final long VAULT = 2;

    private final SmallLedger ledger = new SmallLedger();
    private final CloudEvent opened = ledger.tell(Service.TOKEN, OPENED);

    AuditTest() {
        ledger.tick(2);
    }

    @Test
    void anHonestLedgerIsGreen() {
        Report report = ledger.audit();
        assertThat(report.breaches()).isEmpty();
        assertThat(report.isGreen()).isTrue();
        assertThat(report.opened()).isEqualTo(4).isEqualTo(report.size());
        assertThat(report.checkpoints()).isEqualTo(4);
        assertThat(report.proofs()).isEqualTo(4);
        assertThat(report.judged()).isEqualTo(3);
        assertThat(report.unjudged()).containsExactly(Map.entry(opened.getType(), 1L));
        assertThat(report.rows())
                .containsEntry("urn:jiucang:token-service", 1L)
                .containsEntry("urn:jiucang:ledger-service", 7L);
    }

    @Test
    void aLeafThatNobodyOpensIsNeverGreen() {
        ledger.before.remove(opened);
        Report report = ledger.audit();
        assertThat(report.opened()).isEqualTo(3);
        assertBreach(report, Check.LEAF_NOT_OPENED, null, null, "1 of 4 leaves were not opened: #2");
    }

    @Test
    void anAlteredEventOpensNothing() {
        ledger.before.set(ledger.before.indexOf(opened), altered(opened));
        Report report = ledger.audit();
        assertThat(report.opened()).isEqualTo(3);
        assertBreach(report, Check.SIGNATURE, opened.getId(), VAULT, "ALTERED");
    }

    @Test
    void oneAuthenticCopyOpensALeafWhateverElseWasSent() {
        ledger.before.addFirst(altered(opened));
        ledger.before.add(altered(opened));
        assertThat(ledger.audit().breaches()).isEmpty();
    }

    @Test
    void whatAStrangerSignedOpensNothing() {
        CloudEvent strangers = new EventSigner(new byte[32]).sign(ledger.unsigned(OPENED));
        ledger.before.add(strangers);
        ledger.anchor(strangers);
        assertBreach(ledger.audit(), Check.SIGNATURE, strangers.getId(), 4L, "UNKNOWN_KEY");
    }

    @Test
    void whatAStrangerSentAndNobodyAnchoredIsNobodysFault() {
        ledger.before.add(new EventSigner(new byte[32]).sign(ledger.unsigned(OPENED)));
        assertThat(ledger.audit().isGreen()).isTrue();
    }

    @Test
    void aVoidTickIsNamedByItsRule() {
        CloudEvent tick = ledger.tick(9);
        Report report = ledger.audit();
        assertThat(report.breaches()).singleElement().satisfies(breach -> {
            assertThat(breach.rule()).isEqualTo(Rule.TICK.name());
            assertThat(breach.event()).isEqualTo(tick.getId());
            assertThat(breach.index()).isEqualTo(4);
            assertThat(breach.why()).contains("O3: not the next number");
        });
    }

    @Test
    void nothingIsJudgedBehindAnEventWithoutItsEvidence() {
        byte[] receipt = "a provider's answer".getBytes(UTF_8);
        CloudEvent captured = ledger.tell(Service.PAYMENT, captured(receipt));
        ledger.tick(3);

        assertThat(ledger.audit().breaches()).singleElement().satisfies(breach -> {
            assertThat(breach.rule()).isEqualTo(Check.LEAF_NOT_OPENED.name());
            assertThat(breach.event()).isEqualTo(captured.getId());
            assertThat(breach.why()).startsWith("nothing from here on is judged: no evidence ");
        });

        ledger.evidence.put(Hash.of(Sha256.digest().digest(receipt)), receipt);
        assertThat(ledger.audit().breaches()).singleElement().satisfies(breach -> {
            assertThat(breach.rule()).isEqualTo(Rule.TELLER.name());
            assertThat(breach.event()).isEqualTo(captured.getId());
        });
    }

    private static PaymentCaptured captured(byte[] receipt) {
        return new PaymentCaptured(
                new PaymentId("019aa0c0-0000-7000-8000-000000000004"),
                new OrderId("019aa0c0-0000-7000-8000-000000000003"),
                Money.cny(1),
                "4200001234202611270123456789",
                SmallLedger.NOON,
                Sha256.hex(receipt));
    }

    @Test
    void anEventThatWasSentAndNeverAnchored() {
        CloudEvent sent = ledger.signed(Service.TOKEN, OPENED);
        ledger.before.add(sent);
        assertBreach(ledger.audit(), Check.NOT_ANCHORED, sent.getId(), null, "VaultOpened.v1 is not in the ledger");
    }

    @Test
    void anEventThatWasSentLaterMayStillBeAnchored() {
        ledger.after.add(ledger.signed(Service.TOKEN, OPENED));
        assertThat(ledger.audit().isGreen()).isTrue();
    }

    @Test
    void aRowWithOtherData() {
        ledger.rowsOf(Service.TOKEN).set(0, SmallLedger.row(altered(opened)));
        assertBreach(ledger.audit(), Check.ROW_ALTERED, opened.getId(), VAULT, "ALTERED");
    }

    @Test
    void aRowThatIsNoEventAnyMore() {
        ToldRow row = ledger.rowsOf(Service.TOKEN).getFirst();
        ledger.rowsOf(Service.TOKEN).set(0, new ToldRow(row.eventId(), row.envelope(), Optional.empty()));
        assertBreach(ledger.audit(), Check.ROW_ALTERED, opened.getId(), VAULT, "cannot be read");
    }

    @Test
    void aRowWithAnotherEnvelope() {
        CloudEvent again = SmallLedger.signer(Service.TOKEN).sign(altered(opened));
        ledger.rowsOf(Service.TOKEN).set(0, SmallLedger.row(again));
        assertBreach(ledger.audit(), Check.ROW_ALTERED, opened.getId(), VAULT, "its envelope is another");
    }

    @Test
    void aRowThatIsMissing() {
        ledger.rowsOf(Service.TOKEN).clear();
        assertBreach(ledger.audit(), Check.ROW_MISSING, opened.getId(), VAULT, "no such row");
    }

    @Test
    void aRowThatWasRecordedAfterTheRowsWereRead() {
        ledger.rowsOf(Service.TOKEN).clear();
        assertThat(Audit.of(ledger.gathered(VAULT), ledger.pins(), ledger.vkey())
                        .isGreen())
                .isTrue();
    }

    @Test
    void aRowThatWasAddedByHand() {
        CloudEvent forged = new EventSigner(new byte[32]).sign(ledger.unsigned(OPENED));
        ledger.record(Service.TOKEN, forged);
        assertBreach(ledger.audit(), Check.ROW_ADDED, forged.getId(), null, "the ledger has no such event");
    }

    @Test
    void withoutDatabasesItSaysThatNothingWasCompared() {
        Gathered all = ledger.gathered();
        Report report = Audit.of(
                new Gathered(all.log(), all.before(), all.after(), Map.of(), Optional.empty(), 0),
                ledger.pins(),
                ledger.vkey());
        assertThat(report.isGreen()).isTrue();
        assertThat(report.rows()).isNull();
        assertThat(report.lines()).anyMatch(line -> line.contains("not compared"));
    }

    @Test
    void aRootThatIsNotTheLeaves() {
        ledger.checkpoints.set(3, new Checkpoint(SmallLedger.ORIGIN, 4, ledger.leaf(0)));
        Report report = ledger.audit();
        // As the newest, and as one of all.
        assertThat(report.breaches()).hasSize(2).allSatisfy(breach -> {
            assertThat(breach.rule()).isEqualTo(Check.CHECKPOINT.name());
            assertThat(breach.why()).isEqualTo("the root that was signed for 4 leaves is not the root of these");
        });
    }

    @Test
    void anEarlierCheckpointOfAnotherTree() {
        ledger.checkpoints.set(1, new Checkpoint(SmallLedger.ORIGIN, 2, ledger.leaf(0)));
        assertBreach(ledger.audit(), Check.CHECKPOINT, null, null, "signed for 2 leaves");
    }

    @Test
    void aCheckpointSmallerThanWhatWasAnnounced() {
        ledger.entries.removeLast();
        ledger.checkpoints.removeLast();
        CloudEvent announcement = ledger.before.getLast();
        // Its tick is sent and recorded, and not in the ledger either.
        assertThat(ledger.audit().breaches())
                .extracting(Breach::rule)
                .contains(Check.CHECKPOINT.name(), Check.NOT_ANCHORED.name(), Check.ROW_ADDED.name());
        assertThat(ledger.audit().breaches()).anySatisfy(breach -> {
            assertThat(breach.event()).isEqualTo(announcement.getId());
            assertThat(breach.why()).contains("announces a tree of 4").contains("has 3 leaves");
        });
    }

    @Test
    void whatWasAnnouncedAfterTheLogWasReadMayBeLarger() {
        Gathered read = ledger.gathered();
        ledger.tick(3);
        List<CloudEvent> later = ledger.before.subList(read.before().size(), ledger.before.size());
        Gathered late = new Gathered(read.log(), read.before(), later, Map.of(), Optional.empty(), 0);
        assertThat(later).hasSize(2).anyMatch(Gathered::isAnnouncement);
        assertThat(Audit.of(late, ledger.pins(), ledger.vkey()).isGreen()).isTrue();
    }

    @Test
    void anAnnouncedProofThatDoesNotHold() {
        CloudEvent announcement = ledger.announcement(
                ledger.checkpoints.getLast(),
                List.of(ledger.leaf(0).base64(), ledger.leaf(1).base64()));
        ledger.before.add(announcement);
        assertBreach(ledger.audit(), Check.PROOF, announcement.getId(), 3L, "");
    }

    @Test
    void anAnnouncedRootThatIsNotTheLeaves() {
        Checkpoint other = new Checkpoint(SmallLedger.ORIGIN, 4, Hash.of(new byte[32]));
        CloudEvent announcement = ledger.announcement(other, List.of());
        ledger.before.add(announcement);
        assertBreach(ledger.audit(), Check.PROOF, announcement.getId(), null, "root is not the leaves'");
    }

    @Test
    void aLeafThatStandsThereTwice() {
        ledger.anchor(opened);
        assertThat(ledger.audit().breaches()).anySatisfy(breach -> {
            assertThat(breach.rule()).isEqualTo(Check.LEAF_TWICE.name());
            assertThat(breach.index()).isEqualTo(4);
            assertThat(breach.why()).contains("#2");
        });
    }

    @Test
    void aLedgerOfOtherRootsIsNotAudited() {
        Pins others = new Pins(SmallLedger.ORIGIN, List.of(new EventSigner(new byte[32]).publicKey()), 1);
        assertThatThrownBy(() -> Audit.of(ledger.gathered(), others, ledger.vkey()))
                .isInstanceOf(AuditImpossible.class)
                .hasMessageContaining("does not begin with a directory of the pinned roots");
    }

    @Test
    void aLedgerWhoseFirstLeafIsDarkIsNotAudited() {
        ledger.before.removeFirst();
        assertThatThrownBy(ledger::audit).isInstanceOf(AuditImpossible.class).hasMessageContaining("leaf #0");
    }

    @Test
    void theVerdictIsTheFirstLineAndEachBreachHasOne() {
        ledger.before.remove(opened);
        ledger.rowsOf(Service.TOKEN).add(new ToldRow("by\033[2Jhand", new byte[] {1}, Optional.empty()));
        assertThat(ledger.audit().lines())
                .startsWith(
                        "BREACHES: 2",
                        "  LEAF_NOT_OPENED: 1 of 4 leaves were not opened: #2",
                        "  ROW_ADDED urn:jiucang:token-service by?[2Jhand: the ledger has no such event")
                .contains("  3 of 4 leaves opened, each signature its source's");
    }

    @Test
    void theJsonIsOneObject() {
        ledger.rowsOf(Service.TOKEN).clear();
        JsonNode json = new JsonMapper().readTree(ledger.audit().json());
        assertThat(json.path("verdict").asString()).isEqualTo("BREACHES");
        assertThat(json.path("size").asLong()).isEqualTo(4);
        assertThat(json.path("breaches")).hasSize(1);
        JsonNode breach = json.path("breaches").get(0);
        assertThat(breach.path("rule").asString()).isEqualTo("ROW_MISSING");
        assertThat(breach.path("source").asString()).isEqualTo("urn:jiucang:token-service");
        assertThat(breach.path("event").asString()).isEqualTo(opened.getId());
        assertThat(breach.path("index").asLong()).isEqualTo(2);
        assertThat(json.has("green")).isFalse();
    }

    @Test
    void manyIndexesAreShortened() {
        assertThat(IndexRanges.shortened(List.of(3L, 7L, 8L, 9L))).isEqualTo("#3, #7–#9");
        assertThat(IndexRanges.shortened(List.of(0L, 2L, 4L, 6L, 8L, 10L, 12L, 14L, 16L, 18L)))
                .isEqualTo("#0, #2, #4, #6, #8, #10, #12, #14 and 2 more");
    }

    private static CloudEvent altered(CloudEvent event) {
        return new CloudEventBuilder(event)
                .withData("application/json", OTHER_DATA.getBytes(UTF_8))
                .build();
    }

    private static void assertBreach(
            Report report, Check check, @Nullable String event, @Nullable Long index, String why) {
        assertThat(report.isGreen()).isFalse();
        assertThat(report.breaches()).singleElement().satisfies(breach -> {
            assertThat(breach.rule()).isEqualTo(check.name());
            assertThat(breach.event()).isEqualTo(event);
            assertThat(breach.index()).isEqualTo(index);
            assertThat(breach.why()).contains(why);
        });
    }
}
