package io.jiucang.order;

import static io.jiucang.order.OrderRejected.Reason.AGREEMENT_NOT_FOUND;

import io.jiucang.events.value.Sha256;
import io.jiucang.ledger.Hash;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Component;

/**
 * The published custody agreements 委托仓储协议. One text per version, never edited: a changed text is a new version,
 * added at the end, and the old ones stay to be read by those who accepted them.
 */
@Component
class CustodyAgreements {

    private static final List<String> VERSIONS = List.of("2026-01");

    private final List<Published> published =
            VERSIONS.stream().map(CustodyAgreements::load).toList();

    /**
     * @param version as published, such as {@code 2026-01}
     * @param sha256 lower-case hex SHA-256 of the text's UTF-8 bytes
     */
    record CustodyAgreement(String version, String sha256) {}

    /**
     * @param text the Chinese text, which binds and is what is hashed
     * @param translation a courtesy, in English
     */
    record Published(CustodyAgreement agreement, String text, String translation) {}

    Published current() {
        return published.getLast();
    }

    /** The text that has this hash: nobody is to accept what nobody can read. */
    void require(Hash sha256) {
        if (published.stream().noneMatch(each -> each.agreement().sha256().equals(sha256.hex()))) {
            throw new OrderRejected(
                    AGREEMENT_NOT_FOUND, "the offer's agreement " + sha256 + " is none of those published");
        }
    }

    Published find(String version) {
        return published.stream()
                .filter(each -> each.agreement().version().equals(version))
                .findFirst()
                .orElseThrow(() -> new OrderRejected(AGREEMENT_NOT_FOUND, "the versions are " + VERSIONS));
    }

    private static Published load(String version) {
        byte[] text = read(version + ".zh.md");
        return new Published(
                new CustodyAgreement(version, Sha256.hex(text)),
                new String(text, StandardCharsets.UTF_8),
                new String(read(version + ".en.md"), StandardCharsets.UTF_8));
    }

    private static byte[] read(String file) {
        try (InputStream text = CustodyAgreements.class.getResourceAsStream("/custody/" + file)) {
            return Objects.requireNonNull(text, file).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
