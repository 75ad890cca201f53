package io.jiucang.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.hamcrest.Matchers.is;

import io.jiucang.delivery.PickupCommand.AuthorisePickup;
import io.jiucang.delivery.PickupCommand.CancelPickup;
import io.jiucang.delivery.PickupCommand.CompleteDelivery;
import io.jiucang.delivery.PickupCommand.OrderPickup;
import io.jiucang.events.DeliveryEvent.AddressDestroyed;
import io.jiucang.events.DeliveryEvent.CasesCollected;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryAccepted;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.DeliveryRequested;
import io.jiucang.events.DeliveryEvent.FailureReason;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancellationRequested;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.DeliveryEvent.PickupEndReason;
import io.jiucang.events.DeliveryEvent.PickupEnded;
import io.jiucang.events.DeliveryEvent.PickupOrdered;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.Sha256;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.simulators.device.Device;
import io.jiucang.title.Rule;
import io.jiucang.title.Ruling;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.HoldId;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.hamcrest.FeatureMatcher;
import org.hamcrest.Matcher;

/** A pickup of two cases, on its way. */
final class DeliveryFixtures {

    static final Instant NOW = Instant.parse("2026-11-22T04:00:00Z");
    static final PickupId PICKUP = new PickupId(Ids.next());
    static final VaultId VAULT = new VaultId(Ids.next());
    static final Device PHONE = Device.create("test", "test.jiucang.example/ledger", Clock.fixed(NOW, ZoneOffset.UTC));
    static final String OWNER = PHONE.wallet();
    static final String CARRIER = "sf";
    static final String COURIER = "courier";
    static final Ruling VALID = new Ruling.Valid(List.of(), Map.of());
    static final Ruling VOID = new Ruling.Voided(Rule.PICKUP, "a carrier that is not listed");
    static final DeliverySettings SETTINGS = new DeliverySettings(
            Path.of("secret"),
            Path.of("carriers"),
            3000,
            Period.ofYears(1),
            500,
            ZoneId.of("Asia/Shanghai"),
            new DeliverySettings.Periods(
                    Duration.ofDays(1),
                    Duration.ofMinutes(10),
                    Duration.ofDays(1),
                    Duration.ofDays(3),
                    Duration.ofDays(14),
                    Duration.ofDays(30),
                    Duration.ofHours(1)),
            new DeliverySettings.Limits(3, 5, Duration.ofMinutes(15)));
    static final Instant ACCEPT_BY = NOW.plus(SETTINGS.periods().acceptance());
    static final Instant UNTIL = NOW.plus(Duration.ofDays(20));
    static final Envelope ENVELOPE = new Envelope("a.b.c.d.e", Sha256.hex("a.b.c.d.e".getBytes(US_ASCII)), "sf-1", 256);
    static final String STATEMENT = statement(PICKUP, tokens(1, 2), UNTIL);
    static final HoldId HOLD = pickupOf(STATEMENT).holdId();
    static final String CANCELLATION = PHONE.speaking().pickupCancellation(HOLD.value());
    static final String PROOF = "what a courier signed";

    private DeliveryFixtures() {}

    static TokenId token(long serial) {
        return new TokenId(VAULT, serial);
    }

    static List<TokenId> tokens(long... serials) {
        return LongStream.of(serials).mapToObj(DeliveryFixtures::token).toList();
    }

    static BoxCode box(long serial) {
        return new BoxCode("19521141111014", "B" + serial);
    }

    static CustodyCase inCustody(long serial) {
        return new CustodyCase(
                token(serial), box(serial), "luzhou-1", "A-" + serial, NOW.minus(Duration.ofDays(400)), false, true);
    }

    static StoredCase stored(long serial) {
        return new StoredCase(token(serial), box(serial), "luzhou-1", "A-" + serial);
    }

    static List<DeliveredCase> cases(long... serials) {
        return LongStream.of(serials)
                .mapToObj(serial -> new DeliveredCase(token(serial), box(serial)))
                .toList();
    }

    static OrderPickup orderPickup(List<TokenId> tokens, CustodyCase... custody) {
        return new OrderPickup(PICKUP, OWNER, CARRIER, tokens, Arrays.asList(custody), SETTINGS.tariff(), NOW);
    }

    static PickupOrdered ordered() {
        return new PickupOrdered(
                PICKUP, OWNER, CARRIER, List.of(stored(1), stored(2)), Money.cny(6000), Money.cny(2000), NOW);
    }

    static HandoverCode code(long serial) {
        return new HandoverCode("%016d".formatted(serial));
    }

    static String statement(
            Device phone, PickupId pickup, String carrier, String envelope, List<TokenId> tokens, Instant until) {
        return phone.speaking()
                .pickup(
                        pickup.value(),
                        carrier,
                        envelope,
                        tokens.stream()
                                .collect(Collectors.toMap(
                                        TokenId::toString,
                                        token -> new io.jiucang.simulators.device.HandoverCode(
                                                code(token.serial()).text()))),
                        until);
    }

    /** As it should be. */
    static String statement(PickupId pickup, List<TokenId> tokens, Instant until) {
        return statement(PHONE, pickup, CARRIER, ENVELOPE.compact(), tokens, until);
    }

    static Statement<Act.Pickup> pickupOf(String statement) {
        return Statements.read(statement, Act.Pickup.class);
    }

    static AuthorisePickup authorise(String statement, Ruling ruling) {
        return new AuthorisePickup(PICKUP, ENVELOPE, pickupOf(statement), statement, ruling);
    }

    static AuthorisePickup authorise(String statement) {
        return authorise(statement, VALID);
    }

    static PickupAuthorised authorised() {
        return new PickupAuthorised(PICKUP, "sf-1", STATEMENT);
    }

    static DeliveryRequested requested() {
        return new DeliveryRequested(PICKUP, OWNER, CARRIER, List.of(stored(1), stored(2)), ACCEPT_BY);
    }

    static DeliveryAccepted accepted() {
        return new DeliveryAccepted(PICKUP, CARRIER, COURIER);
    }

    static CasesCollected collected(long... serials) {
        return new CasesCollected(PICKUP, COURIER, cases(serials));
    }

    static Map<TokenId, HandoverCode> codes(List<TokenId> tokens) {
        return tokens.stream().collect(Collectors.toMap(token -> token, token -> code(token.serial())));
    }

    static CompleteDelivery complete(long... serials) {
        return complete(new Act.Delivery(HOLD, codes(tokens(serials)), true));
    }

    static CompleteDelivery complete(Act.Delivery proof) {
        return new CompleteDelivery(PICKUP, COURIER, proof, PROOF, NOW);
    }

    static DeliveryCompleted completed(long... serials) {
        return new DeliveryCompleted(PICKUP, OWNER, cases(serials), PROOF);
    }

    static PickupCancellationRequested cancellationRequested(PickupEndReason reason, long... serials) {
        return new PickupCancellationRequested(PICKUP, tokens(serials), reason);
    }

    static CancelPickup cancel() {
        return new CancelPickup(PICKUP, HOLD, CANCELLATION, VALID, NOW);
    }

    static PickupCancelled cancelled() {
        return new PickupCancelled(PICKUP, CANCELLATION);
    }

    static PickupEnded ended(PickupEndReason reason, long... serials) {
        return new PickupEnded(PICKUP, OWNER, tokens(serials), reason);
    }

    static ReturnRequested returnRequested(FailureReason reason, long... serials) {
        return new ReturnRequested(PICKUP, cases(serials), reason);
    }

    static AddressDestroyed addressDestroyed() {
        return new AddressDestroyed(PICKUP, ENVELOPE.sha256(), NOW);
    }

    static Matcher<DeliveryRejected> because(DeliveryRejected.Reason reason) {
        return new FeatureMatcher<>(is(reason), "rejected for reason", "reason") {
            @Override
            protected DeliveryRejected.Reason featureValueOf(DeliveryRejected rejection) {
                return (DeliveryRejected.Reason) rejection.reason();
            }
        };
    }
}
