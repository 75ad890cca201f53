package io.jiucang.token;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** By what others verify wallets' access tokens. */
@RestController
@RequestMapping("/.well-known")
@PreAuthorize("permitAll()")
class WalletIssuerController {

    private final WalletTokens tokens;

    WalletIssuerController(WalletTokens tokens) {
        this.tokens = tokens;
    }

    /** RFC 8414 section 2, of an issuer without grants: an account's token is exchanged by our own endpoint. */
    record Metadata(
            String issuer,
            @JsonProperty("jwks_uri") String jwksUri,
            @JsonProperty("response_types_supported") List<String> responseTypesSupported,
            @JsonProperty("grant_types_supported") List<String> grantTypesSupported) {}

    @GetMapping("/oauth-authorization-server")
    Metadata metadata() {
        return new Metadata(tokens.issuer(), tokens.issuer() + "/.well-known/jwks.json", List.of(), List.of());
    }

    @GetMapping("/jwks.json")
    Map<String, Object> keys() {
        return tokens.publicKeys();
    }
}
