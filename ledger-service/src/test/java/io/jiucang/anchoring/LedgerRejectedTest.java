package io.jiucang.anchoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.ResourceBundle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LedgerRejectedTest {

    @ParameterizedTest
    @EnumSource
    void everyReasonHasATitleInBothLanguages(LedgerRejected.Reason reason) {
        ResourceBundle english = ResourceBundle.getBundle("problems/ledger", Locale.ROOT);
        ResourceBundle chinese = ResourceBundle.getBundle("problems/ledger", Locale.CHINESE);
        String key = "problem." + reason.name();
        assertThat(english.getString(key)).isNotBlank();
        assertThat(chinese.getString(key)).isNotBlank().isNotEqualTo(english.getString(key));
    }
}
