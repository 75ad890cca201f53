package io.jiucang.simulators.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.value.BoxCode;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.PickupId;
import io.jiucang.events.value.TokenId;
import io.jiucang.events.value.VaultId;
import io.jiucang.ledger.Hash;
import io.jiucang.simulators.Sha256;
import io.jiucang.simulators.device.HandoverCode;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.ActType;
import io.jiucang.title.statement.Hashlock;
import io.jiucang.title.statement.HoldId;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Whatever the simulators say, the law's own codec reads as it was meant, and knows by the same ids. */
class StatementsTest {

    private static final String ORIGIN = "ledger.example/jiucang";
    private static final String SET_82 =
            "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
    private static final String LETTERS = "ABCXYZabcxyz0189";
    private static final SigningKey KEY = SigningKey.create();
    private static final SigningKey OTHER = SigningKey.create();

    @Property(tries = 1_000)
    void everyStatementIsReadAsItWasSaid(@ForAll ActType type, @ForAll Random random) {
        Act act = act(type, random);
        Instant iat = time(random);
        Clock clock = Clock.fixed(iat.plusMillis(random.nextInt(1_000)), ZoneOffset.UTC);
        for (Act.Speaker role : type.speakers()) {
            Speaker speaker = switch (role) {
                case WINERY, WAREHOUSE, CARRIER -> Speaker.party(ORIGIN, "party-1", KEY, clock);
                case DOCK, COURIER -> Speaker.terminal(ORIGIN, KEY, clock);
                case WALLET -> Speaker.wallet(ORIGIN, OTHER.thumbprint(), KEY, clock);
            };

            String jws = Voices.say(act, role, speaker);

            Statement<?> statement = Statements.read(jws);
            assertThat(statement.act()).isEqualTo(act);
            assertThat(statement.isSignedBy(Voices.publicKey(KEY))).isTrue();
            assertThat(statement.isSignedBy(Voices.publicKey(OTHER))).isFalse();
            assertThat(statement.kid()).isEqualTo(KEY.thumbprint());
            assertThat(statement.spoken().iss()).isEqualTo(ORIGIN);
            assertThat(statement.spoken().sub()).isEqualTo(speaker.sub()).isEqualTo(sub(role));
            assertThat(statement.spoken().iat()).isEqualTo(iat);
            assertThat(statement.spoken().exp())
                    .isEqualTo(
                            role == Act.Speaker.WALLET
                                    ? Optional.of(iat.plus(Duration.ofMinutes(5)))
                                    : Optional.empty());
            StatementId id = StatementId.of(jws);
            assertThat(id.hex()).isEqualTo(statement.id().hex());
            assertThat(id.planId()).isEqualTo(statement.planId().value());
            assertThat(id.vaultId()).isEqualTo(statement.vaultId().value());
            assertThat(id.orderId()).isEqualTo(statement.orderId().value());
            assertThat(id.paymentId()).isEqualTo(statement.paymentId().value());
            assertThat(id.holdId()).isEqualTo(statement.holdId().value());
        }
    }

    @Property(tries = 100)
    void aHashlockIsTheLaws(@ForAll Random random) {
        PickupId pickup = new PickupId(uuid(random));
        TokenId token = tokens(random).getFirst();
        String code = text(random, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 16, 16);

        assertThat(new HandoverCode(code).hashlock(pickup.value(), token.toString()))
                .isEqualTo(Hashlock.of(pickup, token, new io.jiucang.events.value.HandoverCode(code))
                        .hex());
    }

    @Test
    void sayingItAgainIsAnotherStatement() {
        Dock dock = new Dock(Speaker.terminal(ORIGIN, KEY, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC)));
        List<String> token = List.of(new VaultId(uuid(new Random(1))) + ".1");

        assertThat(StatementId.of(dock.found(token))).isNotEqualTo(StatementId.of(dock.found(token)));
    }

    private static String sub(Act.Speaker role) {
        return switch (role) {
            case WINERY, WAREHOUSE, CARRIER -> "party-1";
            case DOCK, COURIER -> KEY.thumbprint();
            case WALLET -> OTHER.thumbprint();
        };
    }

    private static Act act(ActType type, Random random) {
        return switch (type) {
            case OFFER -> {
                Instant from = time(random);
                yield new Act.Offer(
                        name(random),
                        "19521141111014",
                        random.nextLong(1, Act.MOST_CASES + 1),
                        Money.cny(random.nextLong(1, 100_000_000)),
                        random.nextLong(1, Act.MOST_CASES + 1),
                        from,
                        from.plusSeconds(random.nextLong(1, 100_000_000)),
                        name(random),
                        account(random),
                        account(random),
                        hash(random),
                        random.nextInt(1, 3_651),
                        random.nextLong(1, 2_592_001));
            }
            case ORDER ->
                new Act.Order(
                        hash(random),
                        random.nextLong(1, Act.MOST_CASES + 1),
                        Money.cny(random.nextLong(1, Long.MAX_VALUE)),
                        hash(random),
                        time(random));
            case ORDER_CANCELLATION -> new Act.OrderCancellation(new OrderId(uuid(random)));
            case PICKUP -> {
                PickupId pickup = new PickupId(uuid(random));
                yield new Act.Pickup(
                        pickup,
                        "carrier-" + random.nextInt(100),
                        Hash.of(Sha256.of(Voices.SEALED.getBytes(US_ASCII))),
                        byToken(random, token -> Hashlock.of(pickup, token, Voices.CODE)),
                        time(random));
            }
            case PICKUP_CANCELLATION -> new Act.PickupCancellation(hold(random));
            case MONEY_BACK -> new Act.MoneyBack(new OrderId(uuid(random)), tokens(random));
            case WALLET_BIRTH ->
                new Act.WalletBirth(
                        Voices.publicKey(KEY), random.nextBoolean() ? List.of() : List.of(OTHER.thumbprint()));
            case KEY_ENDORSEMENT -> new Act.KeyEndorsement(Voices.publicKey(OTHER));
            case KEY_REVOCATION -> new Act.KeyRevocation(OTHER.thumbprint());
            case DOCK_ENROLMENT -> new Act.DockEnrolment(Voices.publicKey(OTHER), name(random));
            case COURIER_ENROLMENT -> new Act.CourierEnrolment(Voices.publicKey(OTHER));
            case TERMINAL_WITHDRAWAL -> new Act.TerminalWithdrawal(OTHER.thumbprint());
            case RELEASE -> new Act.Release(hash(random), byToken(random, token -> box(token, random)));
            case NOT_RELEASED -> new Act.NotReleased(hash(random), tokens(random));
            case REFUSAL -> new Act.Refusal(hash(random), tokens(random));
            case SHIPS -> new Act.Ships(hold(random), tokens(random));
            case STANDS_HERE -> new Act.StandsHere(hold(random), tokens(random));
            case RETURNED -> new Act.Returned(hold(random), tokens(random));
            case FOUND -> new Act.Found(tokens(random));
            case LOST -> new Act.Lost(tokens(random));
            case LOST_ON_THE_ROAD -> new Act.LostOnTheRoad(hold(random), tokens(random));
            case DELIVERY -> new Act.Delivery(hold(random), byToken(random, _ -> Voices.CODE), true);
        };
    }

    private static <V> Map<TokenId, V> byToken(Random random, Function<TokenId, V> value) {
        return tokens(random).stream().collect(Collectors.toMap(Function.identity(), value));
    }

    /** Of two vaults, so that not the serial alone gives their order. */
    private static List<TokenId> tokens(Random random) {
        List<VaultId> vaults = List.of(new VaultId(uuid(random)), new VaultId(uuid(random)));
        return Stream.generate(() -> new TokenId(vaults.get(random.nextInt(2)), random.nextLong(1, 10_000_001)))
                .distinct()
                .limit(random.nextInt(1, Act.MOST_TOKENS + 1))
                .sorted(Comparator.comparing(TokenId::toString))
                .toList();
    }

    /** No box twice: the token's serial is in it. */
    private static BoxCode box(TokenId token, Random random) {
        return new BoxCode("19521141111014", text(random, SET_82, 1, 2) + "/" + vaultDigit(token) + token.serial());
    }

    private static char vaultDigit(TokenId token) {
        return token.vault().value().charAt(0);
    }

    private static HoldId hold(Random random) {
        return new HoldId(uuid(random));
    }

    private static String uuid(Random random) {
        return new UUID((random.nextLong() & ~0xf000L) | 0x8000L, (random.nextLong() >>> 2) | Long.MIN_VALUE)
                .toString();
    }

    private static Hash hash(Random random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Hash.of(bytes);
    }

    private static Instant time(Random random) {
        return Instant.ofEpochSecond(random.nextLong(0, 10_000_000_000L));
    }

    private static String name(Random random) {
        return text(random, LETTERS, 1, 1) + text(random, LETTERS + "._-", 0, 63);
    }

    private static String account(Random random) {
        return text(random, LETTERS + "_-", 1, 64);
    }

    private static String text(Random random, String alphabet, int shortest, int longest) {
        return IntStream.range(0, random.nextInt(shortest, longest + 1))
                .mapToObj(_ -> String.valueOf(alphabet.charAt(random.nextInt(alphabet.length()))))
                .collect(Collectors.joining());
    }
}
