package io.jiucang.token;

import static io.jiucang.token.TokenRejected.Reason.SALES_PLAN_NOT_FOUND;

import io.jiucang.events.value.Ids;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.PlanId;
import io.jiucang.events.value.VaultId;
import io.jiucang.starter.web.Page;
import io.jiucang.token.VaultCommand.CreateSalesPlan;
import java.net.URI;
import java.security.Principal;
import java.time.Instant;
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

/** Sellers offer cases (S1); everybody may look. */
@RestController
@RequestMapping("/api/v1/plans")
class PlanController {

    private final CommandGateway commands;
    private final PlanViews plans;

    PlanController(CommandGateway commands, PlanViews plans) {
        this.commands = commands;
        this.plans = plans;
    }

    record NewPlan(
            String sku,
            String gtin,
            Map<String, String> name,
            long cases,
            Money unitPrice,
            long perBuyerLimit,
            Instant saleFrom,
            Instant saleUntil,
            PlanView.Vault vault) {}

    @PostMapping
    @PreAuthorize("hasRole('SELLER')")
    ResponseEntity<PlanView> create(@RequestBody NewPlan plan, Principal seller) {
        PlanId planId = new PlanId(Ids.next());
        commands.sendAndWait(new CreateSalesPlan(
                new VaultId(Ids.next()),
                planId,
                seller.getName(),
                plan.sku,
                plan.gtin,
                plan.name,
                plan.cases,
                plan.unitPrice,
                plan.perBuyerLimit,
                plan.saleFrom,
                plan.saleUntil,
                plan.vault.site(),
                plan.vault.code()));
        return ResponseEntity.created(URI.create("/api/v1/plans/" + planId)).body(one(planId));
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
