package io.jiucang.starter.law;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloudevents.CloudEvent;
import io.jiucang.events.DomainEvent;
import io.jiucang.events.LedgerEvent.Anchor;
import io.jiucang.events.LedgerEvent.DirectoryVersion;
import io.jiucang.events.LedgerEvent.EventsAnchored;
import io.jiucang.events.LedgerEvent.Tick;
import io.jiucang.events.OrderEvent.OrderPlaced;
import io.jiucang.events.PaymentEvent.PaymentCaptured;
import io.jiucang.events.TokenEvent.SalesPlanCreated;
import io.jiucang.events.TokenEvent.VaultOpened;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.events.envelope.EvidenceRecords;
import io.jiucang.events.envelope.VerifiedEvent;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PaymentId;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.Sha256;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.CompactRange;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.LedgerException;
import io.jiucang.ledger.MerkleTree;
import io.jiucang.ledger.SigningKey;
import io.jiucang.simulators.device.Device;
import io.jiucang.simulators.statement.Winery;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.TestPlatform;
import io.jiucang.title.ReaderStopped;
import io.jiucang.title.Rule;
import io.jiucang.title.Ruling;
import io.jiucang.title.receipt.SignedAnswer;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the ledger tells, in any order: one order, and nothing believed that its checkpoints do not hold. */
class LawFoldTest {

    private static final TestPlatform platform = new RunningService(LawFoldTest.class, "order").platform();

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final EventVerifier verifier = new EventVerifier(platform.eventKeys());
    private final List<Ruling.Voided> voids = new ArrayList<>();
    private final LawFold fold = new LawFold(
            platform.pins(),
            TestPlatform.ORIGIN,
            platform.ledgerKey().verifierKey(),
            () -> now,
            (leaf, why) -> voids.add(why));

    private final List<VerifiedEvent> leaves = new ArrayList<>();
    private final VerifiedEvent directory;
    private final VerifiedEvent tick;
    private final VerifiedEvent vault;
    private final VerifiedEvent li;
    private final VerifiedEvent wang;

    LawFoldTest() throws IOException {
        directory = leaf(new DirectoryVersion(Files.readString(platform.directoryFile(), StandardCharsets.US_ASCII)));
        tick = leaf(tick(now));
        vault = leaf(new VaultOpened(new VaultId(Ids.next()), new PlanId(Ids.next()), "site", "code"));
        li = leaf(born());
        wang = leaf(born());
    }

    @Test
    void rulesInIndexOrderOnceTheCheckpointIsReached() {
        tellAll();
        assertThat(fold.hasBegun()).isFalse();

        fold.tell(anchored(0, 5, 5));

        assertThat(fold.ruled(hash(li)).orElseThrow().at().index()).isEqualTo(3);
        assertThat(fold.ruled(hash(wang)).orElseThrow().at().index()).isEqualTo(4);
        assertThat(fold.ruled(hash(li)).orElseThrow().ruling()).isInstanceOf(Ruling.Valid.class);
        assertThat(fold.ruled(hash(vault))).isEmpty();
        assertThat(voids).isEmpty();
    }

    @Test
    void takesABatchInPartsOutOfOrderAndTwice() {
        tellAll();
        fold.tell(anchored(4, 5, 5));
        fold.tell(anchored(2, 4, 4));
        assertThat(fold.hasBegun()).as("there is a gap").isFalse();
        fold.tell(anchored(0, 1, 4));
        assertThat(fold.hasBegun()).as("its checkpoint is not reached").isFalse();
        fold.tell(anchored(1, 2, 4));
        fold.tell(anchored(1, 2, 4));
        fold.tell(anchored(4, 5, 5));
        tellAll();

        assertThat(fold.begun().lastIndex()).isEqualTo(4);
        assertThat(voids).isEmpty();
    }

    @Test
    void judgesACaptureByItsReceipt() {
        Capture sold = capture();
        VerifiedEvent last = leaf(born());
        tell(sold.receipt);
        tellAll();
        fold.tell(anchored(0, leaves.size(), leaves.size()));

        assertThat(ruling(sold.event)).isInstanceOf(Ruling.Valid.class);
        assertThat(fold.begun().accounts()).hasSize(1);
        assertThat(fold.ruled(hash(last))).isPresent();
        assertThat(fold.awaited()).isEmpty();
    }

    @Test
    void aCaptureAndAllBehindItWaitForItsReceipt() {
        Capture sold = capture();
        VerifiedEvent last = leaf(born());
        tellAll();
        fold.tell(anchored(0, leaves.size(), leaves.size()));
        assertThat(fold.lacking())
                .hasValue("the evidence " + sold.receipt.sha256().hex() + " of leaf 8, "
                        + sold.event.event().getType());
        assertThat(fold.awaited()).hasValue(sold.receipt.sha256());
        tell(capture().receipt);
        assertThat(fold.hasRuled(List.of(hash(last)))).isFalse();

        tell(sold.receipt);

        assertThat(ruling(sold.event)).isInstanceOf(Ruling.Valid.class);
        assertThat(fold.ruled(hash(last))).isPresent();
        assertThat(fold.lacking()).isEmpty();
        assertThat(fold.awaited()).isEmpty();
    }

    @Test
    void aReceiptThatIsNoneMakesItsCaptureVoid() {
        byte[] junk = new byte[EvidenceRecords.LARGEST];
        Hash sha256 = Hash.of(Sha256.digest().digest(junk));
        VerifiedEvent captured = leaf(captured(new PaymentId(Ids.next()), new OrderId(Ids.next()), sha256));
        tellAll();
        fold.tell(anchored(0, 6, 6));
        fold.tell(sha256, junk);

        assertThat(ruling(captured)).isInstanceOf(Ruling.Voided.class);
        assertThat(fold.begun().accounts()).isEmpty();
    }

    /** It is not kept once a leaf was judged by it, and another leaf may name it all the same. */
    @Test
    void twoCapturesOfOneReceiptTakeItTwice() {
        Capture sold = capture();
        VerifiedEvent again = leaf(captured(sold.payment, sold.order, sold.receipt.sha256()));
        tellAll();
        tell(sold.receipt);
        tell(sold.receipt);
        fold.tell(anchored(0, leaves.size(), leaves.size()));
        assertThat(ruling(sold.event)).isInstanceOf(Ruling.Valid.class);
        assertThat(fold.awaited()).hasValue(sold.receipt.sha256());

        tell(sold.receipt);

        assertThat(ruling(again)).isInstanceOf(Ruling.Valid.class);
        assertThat(fold.begun().accounts()).hasSize(1);
    }

    /** Of what nobody names, the oldest makes room; what was pushed out counts when it comes again. */
    @Test
    void junkTakesNoMoreThanItsRoom() {
        Capture sold = capture();
        tell(sold.receipt);
        assertThat(fold.isFullOfEvidence()).isFalse();
        for (int i = 0; i < EarlyEvidence.MOST / EvidenceRecords.LARGEST; i++) {
            byte[] junk = ByteBuffer.allocate(EvidenceRecords.LARGEST).putInt(i).array();
            fold.tell(Hash.of(Sha256.digest().digest(junk)), junk);
        }
        assertThat(fold.isFullOfEvidence()).isTrue();
        tellAll();
        fold.tell(anchored(0, leaves.size(), leaves.size()));
        assertThat(fold.awaited()).hasValue(sold.receipt.sha256());

        tell(sold.receipt);

        assertThat(ruling(sold.event)).isInstanceOf(Ruling.Valid.class);
    }

    @Test
    void waitsForBytesThatComeLate() {
        List.of(directory, tick, wang).forEach(fold::tell);
        fold.tell(anchored(0, 5, 5));
        assertThat(fold.lacking()).hasValueSatisfying(what -> assertThat(what).startsWith("the bytes of leaf 3"));
        assertThat(fold.ruled(hash(wang))).isEmpty();

        fold.tell(li);

        assertThat(fold.lacking()).isEmpty();
        assertThat(fold.hasRuled(List.of(hash(li), hash(wang)))).isTrue();
    }

    @Test
    void aLeafThatStandsAgainCountsWhereItStoodFirst() {
        leaves.add(li);
        tellAll();
        fold.tell(anchored(0, 6, 6));

        assertThat(fold.ruled(hash(li)).orElseThrow().at().index()).isEqualTo(3);
        assertThat(fold.lacking()).isEmpty();
    }

    @Test
    void whatIsVoidIsToldAndHoldsNothingUp() {
        VerifiedEvent forged = leaf(new WalletBorn(platform.winery().toString(), "no statement"));
        VerifiedEvent later = leaf(born());
        tellAll();
        fold.tell(anchored(0, 7, 7));

        assertThat(fold.ruled(hash(forged)).orElseThrow().ruling()).isInstanceOf(Ruling.Voided.class);
        assertThat(fold.ruled(hash(later)).orElseThrow().ruling()).isInstanceOf(Ruling.Valid.class);
        assertThat(voids).hasSize(1);
    }

    @Test
    void leavesAsideWhatTheLedgersKeyHasNotSigned() {
        tellAll();
        SigningKey others = SigningKey.of(TestPlatform.ORIGIN, new byte[32]);
        assertThatExceptionOfType(LedgerException.class)
                .isThrownBy(() -> fold.tell(anchored(0, 5, checkpoint(5, root(5), others))));
        assertThat(fold.nextIndex()).isZero();

        fold.tell(anchored(0, 5, 5));
        assertThat(fold.hasBegun()).isTrue();
    }

    @Test
    void stopsAtAnotherRoot() {
        tellAll();
        Checkpoint false5 = new Checkpoint(TestPlatform.ORIGIN, 5, root(4));
        assertStops(
                "two roots", anchored(0, 5, false5.sign(platform.ledgerKey()).format(), 5));
        assertThat(fold.hasBegun()).isFalse();
    }

    @Test
    void stopsAtTwoCheckpointsOfOneSize() {
        fold.tell(anchored(0, 3, 5));
        assertStops("two roots", anchored(3, 5, checkpoint(5, root(4), platform.ledgerKey()), 5));
    }

    @Test
    void stopsAtTwoLeavesOfOneIndex() {
        fold.tell(anchored(2, 3, 5));
        EventsAnchored honest = anchored(3, 4, 5);
        Anchor anchor = honest.anchors().getFirst();
        Anchor moved = new Anchor(anchor.source(), anchor.eventId(), anchor.leafHash(), anchor.type(), 2, List.of());
        assertStops(
                "two leaves stand at index 2",
                new EventsAnchored(honest.origin(), honest.treeSize(), honest.checkpoint(), List.of(moved)));
    }

    @Test
    void stopsAtASizeThatTheCheckpointDoesNotSay() {
        assertStops("came as one of 4", anchored(0, 4, checkpoint(5, root(5), platform.ledgerKey()), 4));
    }

    @Test
    void stopsWhereALeafIsAnchoredAsWhatItIsNot() {
        tellAll();
        EventsAnchored honest = anchored(0, 5, 5);
        List<Anchor> lies = honest.anchors().stream()
                .map(anchor -> new Anchor(
                        anchor.source(),
                        anchor.eventId(),
                        anchor.leafHash(),
                        anchor.index() == 3 ? vault.event().getType() : anchor.type(),
                        anchor.index(),
                        List.of()))
                .toList();
        assertStops(
                "leaf 3 is anchored as io.jiucang.token.VaultOpened.v1, and is io.jiucang.token.WalletBorn.v1",
                new EventsAnchored(honest.origin(), honest.treeSize(), honest.checkpoint(), lies));
    }

    @Test
    void stopsWhereTheLedgerDoesNotBeginWithItsDirectory() {
        leaves.removeFirst();
        tellAll();
        assertThatExceptionOfType(ReaderStopped.class)
                .isThrownBy(() -> fold.tell(anchored(0, 4, 4)))
                .satisfies(stopped -> assertThat(stopped.rule()).isEqualTo(Rule.DIRECTORY));
    }

    @Test
    void stopsAtATickAheadOfItsClock() {
        VerifiedEvent ahead = leaf(new Tick(
                2,
                now.plusSeconds(30 * 60),
                1,
                hash(tick).hex(),
                hash(directory).hex()));
        tellAll();
        assertThatExceptionOfType(ReaderStopped.class)
                .isThrownBy(() -> fold.tell(anchored(0, 6, 6)))
                .satisfies(stopped -> assertThat(stopped.rule()).isEqualTo(Rule.TICK));
        assertThat(fold.ruled(hash(ahead))).isPresent();
    }

    private void assertStops(String why, EventsAnchored told) {
        assertThatExceptionOfType(LedgerNotBelieved.class)
                .isThrownBy(() -> fold.tell(told))
                .withMessageContaining(why);
    }

    private void tellAll() {
        leaves.stream().filter(leaf -> leaf != vault).forEach(fold::tell);
    }

    private VerifiedEvent leaf(DomainEvent event) {
        CloudEvent signed = platform.signed(event, "subject");
        VerifiedEvent verified = verifier.verify(signed);
        leaves.add(verified);
        return verified;
    }

    private Tick tick(Instant time) {
        return new Tick(1, time, 0, hash(directory).hex(), hash(directory).hex());
    }

    /** A paid order, with all that comes before it. */
    private record Capture(VerifiedEvent event, PaymentId payment, OrderId order, SignedAnswer receipt) {}

    private Capture capture() {
        Device buyer = device();
        Instant from = now.minusSeconds(60);
        String offer = platform.winery()
                .offer(new Winery.Offer(
                        "guojiao-1573-52",
                        "19521141111014",
                        100,
                        588_000,
                        6,
                        from,
                        from.plusSeconds(600),
                        TestPlatform.SITES.getFirst(),
                        TestPlatform.APPID,
                        TestPlatform.PAYEE,
                        "ab".repeat(32),
                        30,
                        Duration.ofMinutes(30)));
        Statement<Act.Offer> offered = Statements.read(offer, Act.Offer.class);
        String order = buyer.speaking().order(offered.id().hex(), 2, 1_176_000, "ab".repeat(32), now.plusSeconds(600));
        Statement<Act.Order> ordered = Statements.read(order, Act.Order.class);
        leaf(new WalletBorn(buyer.wallet(), buyer.birth()));
        leaf(new SalesPlanCreated(offered.planId(), offered.vaultId(), Map.of("zh", "国窖1573"), offer));
        leaf(new OrderPlaced(ordered.orderId(), order));
        SignedAnswer receipt = platform.receipt(ordered.paymentId(), Money.cny(1_176_000), now);
        return new Capture(
                leaf(captured(ordered.paymentId(), ordered.orderId(), receipt.sha256())),
                ordered.paymentId(),
                ordered.orderId(),
                receipt);
    }

    private PaymentCaptured captured(PaymentId payment, OrderId order, Hash receipt) {
        return new PaymentCaptured(payment, order, Money.cny(1_176_000), "4200", now, receipt.hex());
    }

    private void tell(SignedAnswer receipt) {
        fold.tell(receipt.sha256(), receipt.bytes());
    }

    private Ruling ruling(VerifiedEvent event) {
        return fold.ruled(hash(event)).orElseThrow().ruling();
    }

    private static WalletBorn born() {
        Device device = device();
        return new WalletBorn(device.wallet(), device.birth());
    }

    private static Device device() {
        return Device.create(TestPlatform.ENVIRONMENT, TestPlatform.ORIGIN, Clock.systemUTC());
    }

    private static Hash hash(VerifiedEvent event) {
        return MerkleTree.leafHash(event.dsseMaterial());
    }

    /** Anchors from one index to before another, in the tree of the first {@code size} leaves. */
    private EventsAnchored anchored(int from, int to, int size) {
        return anchored(from, to, checkpoint(size, root(size), platform.ledgerKey()), size);
    }

    private EventsAnchored anchored(int from, int to, String checkpoint) {
        return anchored(from, to, checkpoint, to);
    }

    private EventsAnchored anchored(int from, int to, String checkpoint, int size) {
        List<Anchor> anchors = IntStream.range(from, to)
                .mapToObj(index -> new Anchor(
                        leaves.get(index).event().getSource().toString(),
                        leaves.get(index).event().getId(),
                        hash(leaves.get(index)).hex(),
                        leaves.get(index).event().getType(),
                        index,
                        List.of()))
                .toList();
        return new EventsAnchored(TestPlatform.ORIGIN, size, checkpoint, anchors);
    }

    private Hash root(int size) {
        CompactRange range = new CompactRange();
        leaves.subList(0, size).forEach(leaf -> range.append(hash(leaf)));
        return range.root();
    }

    private static String checkpoint(int size, Hash root, SigningKey key) {
        return new Checkpoint(TestPlatform.ORIGIN, size, root).sign(key).format();
    }
}
