package io.jiucang.delivery;

import static org.hamcrest.Matchers.is;

import io.jiucang.delivery.PickupCommand.AuthorisePickup;
import io.jiucang.delivery.PickupCommand.CompleteDelivery;
import io.jiucang.delivery.PickupCommand.OrderPickup;
import io.jiucang.events.DeliveryEvent.AddressDestroyed;
import io.jiucang.events.DeliveryEvent.CasesCollected;
import io.jiucang.events.DeliveryEvent.DeliveredCase;
import io.jiucang.events.DeliveryEvent.DeliveryAccepted;
import io.jiucang.events.DeliveryEvent.DeliveryCompleted;
import io.jiucang.events.DeliveryEvent.DeliveryRequested;
import io.jiucang.events.DeliveryEvent.FailureReason;
import io.jiucang.events.DeliveryEvent.HashlockedToken;
import io.jiucang.events.DeliveryEvent.PickupAuthorised;
import io.jiucang.events.DeliveryEvent.PickupCancellation;
import io.jiucang.events.DeliveryEvent.PickupCancellationRequested;
import io.jiucang.events.DeliveryEvent.PickupCancelled;
import io.jiucang.events.DeliveryEvent.PickupOrdered;
import io.jiucang.events.DeliveryEvent.ReturnRequested;
import io.jiucang.events.DeliveryEvent.StoredCase;
import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.starter.wallet.Act;
import io.jiucang.starter.wallet.DeliveryProof;
import io.jiucang.starter.wallet.Intent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
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
    static final String OWNER = "li";
    static final String CARRIER = "sf";
    static final String COURIER = "courier";
    static final String JWS = "header.claims.signature";
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
    static final Envelope ENVELOPE = new Envelope("a.b.c.d.e", "ab".repeat(32), "sf-1", 256);

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

    static List<BoxCode> boxes(long... serials) {
        return LongStream.of(serials).mapToObj(DeliveryFixtures::box).toList();
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

    static Map<String, String> hashlocks(List<TokenId> tokens) {
        return tokens.stream()
                .collect(Collectors.toMap(
                        TokenId::toString, token -> code(token.serial()).sha256(), (one, same) -> one));
    }

    static Intent intent(
            String owner, String pickup, String to, List<TokenId> tokens, Map<String, String> hashlocks, String terms) {
        return new Intent(
                owner, Act.PICKUP, tokens.stream().map(TokenId::toString).toList(), to, pickup, hashlocks, terms, JWS);
    }

    static Intent intent(PickupId pickup, List<TokenId> tokens) {
        return intent(OWNER, pickup.value(), CARRIER, tokens, hashlocks(tokens), ENVELOPE.sha256());
    }

    static Intent intent() {
        return intent(PICKUP, tokens(2, 1));
    }

    static AuthorisePickup authorise(Intent intent) {
        return new AuthorisePickup(PICKUP, ENVELOPE, intent, NOW);
    }

    static PickupAuthorised authorised() {
        return new PickupAuthorised(
                PICKUP,
                OWNER,
                tokens(1, 2).stream()
                        .map(token ->
                                new HashlockedToken(token, code(token.serial()).sha256()))
                        .toList(),
                CARRIER,
                "sf-1",
                ENVELOPE.sha256(),
                JWS,
                NOW);
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

    static DeliveryProof proof(
            PickupId pickup,
            List<TokenId> tokens,
            List<BoxCode> boxes,
            Map<TokenId, HandoverCode> codes,
            boolean ageChecked) {
        return new DeliveryProof(
                new Intent(
                        COURIER,
                        Act.DELIVER,
                        tokens.stream().map(TokenId::toString).toList(),
                        null,
                        pickup.value(),
                        Map.of(),
                        null,
                        JWS),
                boxes,
                codes,
                ageChecked);
    }

    static Map<TokenId, HandoverCode> codes(List<TokenId> tokens) {
        return tokens.stream().collect(Collectors.toMap(token -> token, token -> code(token.serial())));
    }

    /** As it should be. */
    static DeliveryProof proof(PickupId pickup, List<TokenId> tokens) {
        return proof(
                pickup,
                tokens,
                tokens.stream().map(token -> box(token.serial())).toList(),
                codes(tokens),
                true);
    }

    static CompleteDelivery complete(long... serials) {
        return complete(proof(PICKUP, tokens(serials)));
    }

    static CompleteDelivery complete(DeliveryProof proof) {
        return new CompleteDelivery(PICKUP, COURIER, proof, NOW);
    }

    static DeliveryCompleted completed(long... serials) {
        return new DeliveryCompleted(PICKUP, OWNER, COURIER, cases(serials), JWS, NOW);
    }

    static PickupCancellationRequested cancellationRequested(PickupCancellation reason, long... serials) {
        return new PickupCancellationRequested(PICKUP, tokens(serials), reason);
    }

    static PickupCancelled cancelled(PickupCancellation reason, long... serials) {
        return new PickupCancelled(PICKUP, OWNER, tokens(serials), reason);
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
