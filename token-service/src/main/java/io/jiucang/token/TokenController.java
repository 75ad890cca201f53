package io.jiucang.token;

import static io.jiucang.token.TokenRejected.Reason.TOKEN_NOT_FOUND;

import io.jiucang.events.value.LedgerReference;
import io.jiucang.events.value.OrderId;
import io.jiucang.events.value.TokenId;
import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.web.Page;
import io.jiucang.token.TokenView.Life;
import io.jiucang.token.TokenView.Step;
import io.jiucang.token.TokenViews.Happening;
import io.jiucang.token.TokenViews.Title;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ObjectNode;

/** Owners look into their cellar; auditors into every token's life. */
@RestController
@RequestMapping("/api/v1/tokens")
class TokenController {

    private final TokenViews tokens;
    private final Evidence evidence;
    private final Ledger ledger;

    TokenController(TokenViews tokens, Evidence evidence, Ledger ledger) {
        this.tokens = tokens;
        this.evidence = evidence;
        this.ledger = ledger;
    }

    /**
     * @param events CloudEvents in the JSON event format: those by which the devices joined their wallets which signed in this
     *     life, then the life's own, each oldest first
     */
    record TokenEvidence(TokenId tokenId, List<ObjectNode> events) {}

    @GetMapping
    @PreAuthorize("hasRole('BUYER')")
    Page<TokenView> cellar(@RequestParam(required = false) @Nullable String cursor, Principal owner) {
        return tokens.cellar(owner.getName(), cursor);
    }

    @GetMapping("/{tokenId}")
    @PreAuthorize("hasAnyRole('BUYER', 'AUDITOR')")
    Life one(@PathVariable String tokenId, Authentication reader) {
        TokenId id = parse(tokenId);
        List<Happening> history = history(id, reader);
        Map<String, List<Evidence.Item>> items =
                evidence.find(history.stream().map(Happening::eventId).toList());
        return new Life(
                token(id),
                history.stream()
                        .map(happening -> new Step(
                                happening.type(),
                                happening.eventId(),
                                happening.at(),
                                ledgerIndex(items.getOrDefault(happening.eventId(), List.of()))))
                        .toList());
    }

    @GetMapping("/{tokenId}/evidence")
    @PreAuthorize("hasAnyRole('BUYER', 'AUDITOR')")
    TokenEvidence evidence(@PathVariable String tokenId, Authentication reader) {
        TokenId id = parse(tokenId);
        List<String> life = history(id, reader).stream().map(Happening::eventId).toList();
        List<String> eventIds =
                Stream.concat(evidence.admissions(life).stream(), life.stream()).toList();
        Map<String, List<Evidence.Item>> items = evidence.find(eventIds);
        return new TokenEvidence(
                id,
                eventIds.stream()
                        .flatMap(eventId -> items.getOrDefault(eventId, List.of()).stream())
                        .map(Evidence.Item::event)
                        .toList());
    }

    private TokenView token(TokenId id) {
        return tokens.find(id).orElseThrow(() -> notFound(id));
    }

    private List<Happening> history(TokenId id, Authentication reader) {
        return tokens.history(id, visibleTo(reader, id));
    }

    /** Everything to an auditor; to its owner, what happened since they ordered it; to others it does not exist. */
    private @Nullable OrderId visibleTo(Authentication reader, TokenId id) {
        boolean auditor =
                reader.getAuthorities().stream().anyMatch(authority -> "ROLE_AUDITOR".equals(authority.getAuthority()));
        if (auditor) {
            token(id);
            return null;
        }
        return tokens.title(id)
                .filter(title -> title.owner().equals(reader.getName()))
                .map(Title::orderId)
                .orElseThrow(() -> notFound(id));
    }

    private @Nullable Long ledgerIndex(List<Evidence.Item> items) {
        return items.stream()
                .flatMap(item -> ledger.find(item.leaf()).stream())
                .map(LedgerReference::index)
                .findFirst()
                .orElse(null);
    }

    private static TokenId parse(String tokenId) {
        try {
            return TokenId.parse(tokenId);
        } catch (IllegalArgumentException e) {
            throw new RequestRejected(RequestRejected.Reason.MALFORMED_PARAMETER, String.valueOf(e.getMessage()));
        }
    }

    private static TokenRejected notFound(TokenId id) {
        return new TokenRejected(TOKEN_NOT_FOUND, "no token " + id + " of yours");
    }
}
