package io.jiucang.starter.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.starter.RequestRejected;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTest {

    @Property
    void theNextPageStartsAfterTheLastItem(@ForAll @LongRange(min = 0) long position) {
        assertThat(Page.after(Page.of(List.of(position), 1, item -> item).next()))
                .isEqualTo(position);
    }

    @Property
    void nothingButACursorIsTakenForOne(@ForAll String text) {
        try {
            assertThat(Page.of(List.of(text), 1, item -> Page.after(text)).next())
                    .isEqualTo(text);
        } catch (RequestRejected e) {
            assertThat(e.reason()).isEqualTo(RequestRejected.Reason.MALFORMED_CURSOR);
        }
    }

    @Test
    void theFirstPageStartsBeforeEverythingAndTheLastHasNoNext() {
        assertThat(Page.after(null)).isZero();
        assertThat(Page.of(List.of(1L), 2, item -> item).next()).isNull();
        assertThat(Page.<Long>of(List.of(), 2, item -> item).next()).isNull();
    }

    /** Of -1, 01 and 2⁶³; not Base64; and with padding. */
    @ParameterizedTest
    @ValueSource(strings = {"LTE", "MDE", "OTIyMzM3MjAzNjg1NDc3NTgwOA", "§", "MQ==", ""})
    void refusesWhatItDidNotMake(String cursor) {
        assertThatThrownBy(() -> Page.after(cursor))
                .isInstanceOfSatisfying(
                        RequestRejected.class,
                        refused -> assertThat(refused.reason()).isEqualTo(RequestRejected.Reason.MALFORMED_CURSOR));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void hasTheSizeAClientAsksFor(int limit) {
        assertThat(Page.requireSize(limit)).isEqualTo(limit);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 101})
    void isNeitherEmptyNorEndless(int limit) {
        assertThatThrownBy(() -> Page.requireSize(limit))
                .isInstanceOfSatisfying(
                        RequestRejected.class,
                        refused -> assertThat(refused.reason()).isEqualTo(RequestRejected.Reason.MALFORMED_PARAMETER));
    }
}
