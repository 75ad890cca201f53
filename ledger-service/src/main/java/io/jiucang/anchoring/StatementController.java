package io.jiucang.anchoring;

import org.springframework.http.HttpStatus;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** For statements that prove themselves: whoever is signed in may bring them, for only what was signed decides. */
@RestController
@RequestMapping("/api/v1/statements")
@PreAuthorize("isAuthenticated()")
class StatementController {

    private final Terminals terminals;

    StatementController(Terminals terminals) {
        this.terminals = terminals;
    }

    /** @param statement a party's, by which a terminal joins or leaves it ({@code docs/statements.md}) */
    record Brought(String statement) {}

    /** @return which terminal it is about, and where it stands in the ledger */
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    Terminals.Standing take(@RequestBody Brought brought) {
        return terminals.take(brought.statement());
    }
}
