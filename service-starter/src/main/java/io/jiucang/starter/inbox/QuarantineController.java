package io.jiucang.starter.inbox;

import java.util.List;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What an operator sees of records that are no events: who has tried what, and where it stands. */
@RestController
@RequestMapping("/api/v1/operator/quarantine")
@PreAuthorize("hasRole('OPERATOR')")
class QuarantineController {

    private final Quarantine quarantine;

    QuarantineController(Quarantine quarantine) {
        this.quarantine = quarantine;
    }

    @GetMapping
    Quarantined list() {
        return new Quarantined(quarantine.list());
    }

    record Quarantined(List<Quarantine.Entry> items) {}
}
