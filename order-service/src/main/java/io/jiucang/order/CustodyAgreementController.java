package io.jiucang.order;

import io.jiucang.order.CustodyAgreements.Published;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The custody agreement, for everyone to read before they sign: as JSON, or byte for byte what is hashed. */
@RestController
@RequestMapping("/api/v1/custody-agreements")
@PreAuthorize("permitAll()")
class CustodyAgreementController {

    private static final String MARKDOWN = "text/markdown;charset=UTF-8";

    private final CustodyAgreements agreements;

    CustodyAgreementController(CustodyAgreements agreements) {
        this.agreements = agreements;
    }

    /** @param translations by BCP 47 language tag; courtesies, the text binds */
    record Agreement(String version, String sha256, String text, Map<String, String> translations) {}

    @GetMapping(path = "/current", produces = MediaType.APPLICATION_JSON_VALUE)
    Agreement current() {
        return json(agreements.current());
    }

    @GetMapping(path = "/current", produces = MARKDOWN)
    ResponseEntity<byte[]> currentText() {
        return text(agreements.current());
    }

    @GetMapping(path = "/{version}", produces = MediaType.APPLICATION_JSON_VALUE)
    Agreement version(@PathVariable String version) {
        return json(agreements.find(version));
    }

    @GetMapping(path = "/{version}", produces = MARKDOWN)
    ResponseEntity<byte[]> versionText(@PathVariable String version) {
        return text(agreements.find(version));
    }

    private static Agreement json(Published published) {
        return new Agreement(
                published.agreement().version(),
                published.agreement().sha256(),
                published.text(),
                Map.of("en", published.translation()));
    }

    private static ResponseEntity<byte[]> text(Published published) {
        return ResponseEntity.ok()
                .header(HttpHeaders.CONTENT_LANGUAGE, "zh-CN")
                .eTag(published.agreement().sha256())
                .body(published.text().getBytes(StandardCharsets.UTF_8));
    }
}
