package io.jiucang.starter.store;

import static io.jiucang.starter.RequestRejected.Reason.EVIDENCE_NOT_FOUND;
import static io.jiucang.starter.RequestRejected.Reason.MALFORMED_PARAMETER;

import io.jiucang.starter.RequestRejected;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What events name by its hash alone, for who must check it. */
@RestController
@RequestMapping("/api/v1/evidence")
@PreAuthorize("hasAnyRole('OPERATOR', 'AUDITOR')")
class EvidenceController {

    private final Evidence evidence;

    EvidenceController(Evidence evidence) {
        this.evidence = evidence;
    }

    /** @param sha256 64 lower-case hex digits, as the event has them */
    @GetMapping("/{sha256}")
    ResponseEntity<byte[]> named(@PathVariable String sha256) {
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new RequestRejected(MALFORMED_PARAMETER, "sha256 is not 64 lower-case hex digits");
        }
        byte[] content = evidence.find(sha256)
                .orElseThrow(() -> new RequestRejected(EVIDENCE_NOT_FOUND, "no evidence " + sha256));
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .body(content);
    }
}
