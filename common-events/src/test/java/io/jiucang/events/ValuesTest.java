package io.jiucang.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.events.value.HandoverCode;
import io.jiucang.events.value.Ids;
import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.SerialRange;
import io.jiucang.events.value.TokenId;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Money, serials, identifiers, and that events hold no malformed or changeable data. */
class ValuesTest {

    private static final String VAULT = EventSamples.VAULT.value();

    @Property
    void moneyMultipliesExactlyOrNotAtAll(@ForAll @LongRange(min = 0) long amount, @ForAll @LongRange(min = 0) long n) {
        BigInteger exact = BigInteger.valueOf(amount).multiply(BigInteger.valueOf(n));
        if (exact.bitLength() < 64) {
            assertThat(Money.cny(amount).times(n)).isEqualTo(Money.cny(exact.longValueExact()));
        } else {
            assertThatThrownBy(() -> Money.cny(amount).times(n)).isInstanceOf(ArithmeticException.class);
        }
    }

    @Property
    void moneyAddsExactlyOrNotAtAll(@ForAll @LongRange(min = 0) long a, @ForAll @LongRange(min = 0) long b) {
        BigInteger exact = BigInteger.valueOf(a).add(BigInteger.valueOf(b));
        if (exact.bitLength() < 64) {
            assertThat(Money.cny(a).plus(Money.cny(b))).isEqualTo(Money.cny(exact.longValueExact()));
        } else {
            assertThatThrownBy(() -> Money.cny(a).plus(Money.cny(b))).isInstanceOf(ArithmeticException.class);
        }
    }

    @Test
    void moneyIsNeverNegativeAndKeepsToItsCurrency() {
        assertThatThrownBy(() -> Money.cny(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Money.cny(1).times(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Money.cny(1).plus(new Money(Currency.getInstance("HKD"), 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(Money.cny(659_405)).hasToString("CNY 6594.05");
        assertThat(new Money(Currency.getInstance("JPY"), 100)).hasToString("JPY 100");
    }

    @Property
    void tokenIdsSurviveTheirTextForm(@ForAll @LongRange(min = 1, max = 999_999_999_999_999_999L) long serial) {
        TokenId token = new TokenId(EventSamples.VAULT, serial);
        assertThat(TokenId.parse(token.toString())).isEqualTo(token);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "%s",
                "%s.",
                "%s.0",
                "%s.01",
                "%s.+1",
                "%s.-1",
                "%s. 1",
                "%s.1 ",
                "%s.١",
                "%s.1.1",
                "%s.1000000000000000000",
                "x.1",
                ".1"
            })
    void onlyCanonicalTextIsATokenId(String text) {
        assertThatThrownBy(() -> TokenId.parse(text.replace("%s", VAULT))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tokenIdsOfUpperCaseVaultsAreRefused() {
        assertThatThrownBy(() -> TokenId.parse("019AA0C0-0000-7000-8000-000000000002.1"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 1_000_000_000_000_000_000L, Long.MAX_VALUE})
    void serialsHaveOneToEighteenDigits(long serial) {
        assertThatThrownBy(() -> new TokenId(EventSamples.VAULT, serial)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SerialRange(1, serial)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SerialRange(serial, 5)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void aRangeHasAsManyTokensAsItsSize(
            @ForAll @LongRange(min = 1, max = 1000) long from, @ForAll @LongRange(min = 0, max = 50) long more) {
        List<SerialRange> ranges = List.of(new SerialRange(from, from + more), new SerialRange(5000, 5001));
        List<TokenId> tokens = SerialRange.tokens(EventSamples.VAULT, ranges).toList();
        assertThat(tokens)
                .doesNotHaveDuplicates()
                .hasSize((int) SerialRange.sizeOf(ranges))
                .hasSize((int) more + 3);
        assertThat(tokens.getFirst().serial()).isEqualTo(from);
        assertThat(tokens.getLast().serial()).isEqualTo(5001);
    }

    @Test
    void noEventNamesATokenTwice() {
        for (List<SerialRange> overlapping : List.of(
                List.of(new SerialRange(1, 5), new SerialRange(5, 9)),
                List.of(new SerialRange(7, 9), new SerialRange(1, 8)),
                List.of(new SerialRange(3, 3), new SerialRange(3, 3)))) {
            assertThatThrownBy(() -> sold(overlapping)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Every reader looks at each token of a sale: one event must not keep them all busy. */
    @Test
    void noSaleNamesMoreTokensThanReadersCanLookAt() {
        assertThat(sold(List.of(new SerialRange(1, 10_000))).serials()).hasSize(1);
        assertThatThrownBy(() -> sold(List.of(new SerialRange(1, 10_001))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static TokenEvent.TokensSold sold(List<SerialRange> serials) {
        io.jiucang.events.value.Cite cite = new io.jiucang.events.value.Cite(0, "0".repeat(64));
        return new TokenEvent.TokensSold(
                EventSamples.VAULT, EventSamples.ORDER, serials, cite, List.of(cite), Map.of());
    }

    @Test
    void sumsOfRangesDoNotOverflow() {
        List<SerialRange> huge = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            huge.add(new SerialRange(1, 999_999_999_999_999_999L));
        }
        assertThatThrownBy(() -> SerialRange.sizeOf(huge)).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void eventsDoNotChangeWithTheListTheyWereMadeFrom() {
        List<SerialRange> serials = new ArrayList<>(List.of(new SerialRange(1, 2)));
        var reserved = new TokenEvent.TokensReserved(
                EventSamples.VAULT, EventSamples.PLAN, EventSamples.ORDER, "alice", serials);
        serials.clear();
        assertThat(reserved.serials()).containsExactly(new SerialRange(1, 2));
        assertThatThrownBy(() -> reserved.serials().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void eventsHoldNoMalformedData() {
        var vault = EventSamples.VAULT;
        var plan = EventSamples.PLAN;
        var order = EventSamples.ORDER;
        var noon = Instant.parse("2026-11-22T04:00:00Z");
        List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> malformed = List.of(
                () -> new TokenEvent.TokensMinted(vault, plan, 1, 0),
                () -> new TokenEvent.TokensMinted(vault, plan, 2, 999_999_999_999_999_999L),
                () -> new TokenEvent.TokensReserved(vault, plan, order, "alice", List.of()),
                () -> new TokenEvent.TokensReserved(vault, plan, order, " ", List.of(new SerialRange(1, 1))),
                () -> new OrderEvent.OrderFulfilled(order, "alice", 0),
                () -> new OrderEvent.CasesWithdrawn(order, plan, vault, List.of()),
                () -> new PaymentEvent.PaymentCaptured(
                        EventSamples.PAYMENT, order, Money.cny(0), "4200", noon, "0".repeat(64)),
                () -> new PaymentEvent.PaymentCaptured(
                        EventSamples.PAYMENT, order, Money.cny(1), "4200", noon, "0".repeat(63)),
                () -> new TokenEvent.SalesPlanCreated(plan, vault, Map.of(), "a.b.c"),
                () -> new TokenEvent.SalesPlanCreated(plan, vault, Map.of("en", "Classic"), " "),
                () -> new OrderEvent.OrderPlaced(order, ""),
                () -> new OrderEvent.OrderCancelled(order, ""));
        assertThat(malformed).allSatisfy(make -> assertThatThrownBy(make).isInstanceOf(IllegalArgumentException.class));
        assertThatThrownBy(() -> new LedgerReference(EventSamples.EVENT_ID, 64, 64))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void identifiersAreLowerCaseVersion7AndGrow() {
        List<String> ids =
                java.util.stream.Stream.generate(Ids::next).limit(1000).toList();
        assertThat(ids).isSorted().doesNotHaveDuplicates().allMatch(id -> id.charAt(14) == '7');
        assertThat(new OrderId(ids.getFirst())).hasToString(ids.getFirst());
        for (String wrong : List.of(
                "",
                "x",
                ids.getFirst() + "0",
                "019AA0C0-0000-7000-8000-000000000002",
                "00000000-0000-0000-0000-000000000000")) {
            assertThatThrownBy(() -> new OrderId(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0123456789ABCDEF", "oi23-4567-89ab-cdef", "0L23 4567 89AB CDEF", " 0123456789abcdef "})
    void readsAHandoverCodeAsAPersonWritesIt(String text) {
        assertThat(HandoverCode.parse(text)).isEqualTo(new HandoverCode("0123456789ABCDEF"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0123456789ABCDE", "0123456789ABCDEFG", "0123456789ABCDEU", "0123456789ABCDE酒"})
    void refusesWhatIsNoHandoverCodeWithoutSayingIt(String text) {
        assertThatThrownBy(() -> HandoverCode.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not a handover code of 16 characters");
    }

    @Test
    void keepsAHandoverCodeOutOfLogs() {
        assertThat(new HandoverCode("0123456789ABCDEF")).hasToString("HandoverCode");
    }
}
