package io.jiucang.delivery;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.jiucang.starter.Rejection;
import io.jiucang.starter.wallet.Act;
import io.jiucang.starter.wallet.Intents;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The owner's pickup password 提货密码: once set, changed only by whoever knows it, or holds one of the owner's devices. */
@RestController
@RequestMapping("/api/v1/pickup-password")
@PreAuthorize("hasRole('BUYER')")
class PickupPasswordController {

    private final PickupPasswords passwords;
    private final Intents intents;
    private final Refusals refusals;
    private final TransactionTemplate transaction;

    PickupPasswordController(
            PickupPasswords passwords, Intents intents, Refusals refusals, PlatformTransactionManager transactions) {
        this.passwords = passwords;
        this.intents = intents;
        this.refusals = refusals;
        this.transaction = new TransactionTemplate(transactions);
    }

    /**
     * In JSON, {@code new}, and {@code current} or {@code intent}.
     *
     * @param intent a compact JWS (ES256) with act {@code set-pickup-password}
     */
    record Change(
            Secret wanted,
            @Nullable Secret current,
            @Nullable String intent) {

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static Change of(Map<String, Object> body) {
            Object wanted = body.get("new");
            if (wanted == null || !Set.of("new", "current", "intent").containsAll(body.keySet())) {
                throw new IllegalArgumentException("new, and current or intent; nothing else");
            }
            return new Change(
                    Secret.of(wanted),
                    Optional.ofNullable(body.get("current")).map(Secret::of).orElse(null),
                    Optional.ofNullable(body.get("intent"))
                            .map(Secret::of)
                            .map(Secret::value)
                            .orElse(null));
        }
    }

    @PutMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void change(@AuthenticationPrincipal Jwt buyer, @RequestBody Change change) {
        String owner = Objects.requireNonNull(buyer.getSubject(), "sub");
        refusals.count("set-pickup-password", () -> {
            // Thrown after the transaction, which a wrong try must not undo.
            Optional<Rejection> rejection = Objects.requireNonNull(transaction.execute(status -> {
                try {
                    change(owner, change);
                    return Optional.<Rejection>empty();
                } catch (Rejection e) {
                    if (!e.reason().keepsEffect()) {
                        status.setRollbackOnly();
                    }
                    return Optional.of(e);
                }
            }));
            rejection.ifPresent(e -> {
                throw e;
            });
            return change;
        });
    }

    /** A weak password uses up neither a try nor an intent. */
    private void change(String owner, Change change) {
        PickupPasswords.requireStrong(owner, change.wanted);
        if (change.intent != null) {
            intents.use(change.intent, owner, Act.SET_PICKUP_PASSWORD);
        } else if (change.current != null) {
            passwords.verify(owner, change.current);
        } else {
            DeliveryRejected.require(
                    !passwords.isSet(owner),
                    DeliveryRejected.Reason.PASSWORD_CHANGE_NOT_PROVEN,
                    "give the current password, or an intent signed by one of your devices");
        }
        passwords.set(owner, change.wanted);
    }
}
