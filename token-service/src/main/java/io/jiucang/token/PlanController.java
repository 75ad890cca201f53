package io.jiucang.token;

import static io.jiucang.token.TokenRejected.Reason.SALES_PLAN_NOT_FOUND;

import io.jiucang.events.value.PlanId;
import io.jiucang.starter.web.Page;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.Statement;
import io.jiucang.token.VaultCommand.CreateSalesPlan;
import java.net.URI;
import java.util.Map;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Wineries offer cases (S1); everybody may look. */
@RestController
@RequestMapping("/api/v1/plans")
class PlanController {

    private final Offers offers;
    private final CommandGateway commands;
    private final PlanViews plans;

    PlanController(Offers offers, CommandGateway commands, PlanViews plans) {
        this.offers = offers;
        this.commands = commands;
        this.plans = plans;
    }

    /**
     * @param name the product's, by BCP 47 language tag
     * @param code the vault's short name on its door
     * @param statement what the winery signed ({@code docs/statements.md}): {@code jiucang-offer-v1}
     */
    record NewPlan(Map<String, String> name, String code, String statement) {}

    @PostMapping
    @PreAuthorize("hasRole('SELLER')")
    ResponseEntity<PlanView> create(@RequestBody NewPlan plan) {
        Statement<Act.Offer> offer = offers.read(plan.statement);
        commands.sendAndWait(new CreateSalesPlan(
                offer.vaultId(), offer.planId(), offer.act(), plan.statement, plan.name, plan.code));
        return ResponseEntity.created(URI.create("/api/v1/plans/" + offer.planId()))
                .body(one(offer.planId()));
    }

    @GetMapping
    @PreAuthorize("permitAll()")
    Page<PlanView> list(@RequestParam(required = false) @Nullable String cursor) {
        return plans.list(cursor);
    }

    @GetMapping("/{planId}")
    @PreAuthorize("permitAll()")
    PlanView one(@PathVariable PlanId planId) {
        return plans.find(planId).orElseThrow(() -> new TokenRejected(SALES_PLAN_NOT_FOUND, "no sales plan " + planId));
    }
}
