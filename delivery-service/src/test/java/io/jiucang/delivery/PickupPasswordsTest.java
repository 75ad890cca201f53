package io.jiucang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PickupPasswordsTest {

    @ParameterizedTest
    @ValueSource(strings = {"19521141", "窖藏五十二度国窖", "correct horse battery", "Ab1!Ab1?"})
    void areStrongEnough(String password) {
        assertThatCode(() -> PickupPasswords.requireStrong("li", new Secret(password)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1952114",
                "11111111",
                "12121212",
                "12345678",
                "98765432",
                "abcdefgh",
                "ａｂｃｄｅｆｇｈ",
                "xx-LiNa1-77"
            })
    void areTooWeak(String password) {
        assertThatThrownBy(() -> PickupPasswords.requireStrong("lina1", new Secret(password)))
                .isInstanceOfSatisfying(
                        DeliveryRejected.class,
                        e -> assertThat(e.reason()).isEqualTo(DeliveryRejected.Reason.PASSWORD_TOO_WEAK))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("LiNa1"));
    }

    @ParameterizedTest
    @ValueSource(ints = {127, 128})
    void haveAnEnd(int length) {
        assertThatCode(() -> PickupPasswords.requireStrong(
                        "li", new Secret("abc42".repeat(26).substring(0, length))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> PickupPasswords.requireStrong(
                        "li", new Secret("abc42".repeat(26).substring(0, 129))))
                .isInstanceOf(DeliveryRejected.class);
    }
}
