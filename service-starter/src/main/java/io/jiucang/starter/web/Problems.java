package io.jiucang.starter.web;

import static io.jiucang.starter.RequestRejected.Reason.ACCOUNT_TOKEN_NEEDED;
import static io.jiucang.starter.RequestRejected.Reason.BAD_REQUEST;
import static io.jiucang.starter.RequestRejected.Reason.BODY_TOO_LARGE;
import static io.jiucang.starter.RequestRejected.Reason.FORBIDDEN;
import static io.jiucang.starter.RequestRejected.Reason.INTERNAL_ERROR;
import static io.jiucang.starter.RequestRejected.Reason.MALFORMED_BODY;
import static io.jiucang.starter.RequestRejected.Reason.MALFORMED_PARAMETER;
import static io.jiucang.starter.RequestRejected.Reason.METHOD_NOT_ALLOWED;
import static io.jiucang.starter.RequestRejected.Reason.NOT_ACCEPTABLE;
import static io.jiucang.starter.RequestRejected.Reason.NOT_FOUND;
import static io.jiucang.starter.RequestRejected.Reason.TRY_AGAIN;
import static io.jiucang.starter.RequestRejected.Reason.UNAUTHENTICATED;
import static io.jiucang.starter.RequestRejected.Reason.UNSUPPORTED_MEDIA_TYPE;
import static io.jiucang.starter.RequestRejected.Reason.WALLET_TOKEN_NEEDED;

import io.jiucang.starter.FailureLog;
import io.jiucang.starter.Rejection;
import io.jiucang.starter.RejectionReason;
import io.jiucang.starter.store.Failures;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.MessageSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.authorization.ExpressionAuthorizationDecision;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every refusal as a problem (RFC 9457): {@code reason} is the stable name to program against, {@code title} the same
 * for people in Chinese or English, {@code detail} what was wrong with this request.
 */
@RestControllerAdvice
final class Problems implements AuthenticationEntryPoint, AccessDeniedHandler {

    private static final Logger log = LoggerFactory.getLogger(Problems.class);

    private final FailureLog failures = new FailureLog(log);
    private final MessageSource messages;
    private final JsonMapper json;

    Problems(MessageSource messages, JsonMapper json) {
        this.messages = messages;
        this.json = json;
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> rejected(Rejection rejection, HttpServletRequest request, Locale locale) {
        if (rejection.reason().keepsEffect()) {
            request.setAttribute(IdempotencyFilter.KEEPS_EFFECT, true);
        }
        return answer(rejection.reason(), rejection.getMessage(), locale);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> unreadable(HttpMessageNotReadableException failure, Locale locale) {
        return answer(MALFORMED_BODY, whatIsWrong(failure.getCause()), locale);
    }

    /** In our words, because Jackson's name our classes. */
    private static String whatIsWrong(@Nullable Throwable cause) {
        return switch (cause) {
            case UnrecognizedPropertyException unknown -> path(unknown) + " is not known here";
            // The value's own class tells best what it has to look like.
            case ValueInstantiationException value
            when value.getCause() instanceof IllegalArgumentException reason ->
                path(value) + ": " + reason.getMessage();
            case DatabindException mismatch -> path(mismatch) + " is missing, or is not what it should be";
            case JacksonException syntax when syntax.getLocation() == null -> "not well-formed JSON";
            case JacksonException syntax ->
                "not well-formed JSON, in line "
                        + syntax.getLocation().getLineNr() + ", column "
                        + syntax.getLocation().getColumnNr();
            case null, default -> "a JSON body is needed";
        };
    }

    /** Such as {@code cases[2].boxCode}. */
    private static String path(DatabindException failure) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference step : failure.getPath()) {
            if (step.getPropertyName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
            }
        }
        return path.isEmpty() ? "the body" : path.toString();
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> unknown(AggregateNotFoundException failure, Locale locale) {
        return answer(NOT_FOUND, null, locale);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> mismatched(MethodArgumentTypeMismatchException failure, Locale locale) {
        return answer(MALFORMED_PARAMETER, failure.getName() + " is not well-formed", locale);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> denied(AccessDeniedException failure, HttpServletRequest request, Locale locale) {
        String roles = admittedRoles(failure);
        if (request.isUserInRole("ACCOUNT") && roles.matches(".*'(BUYER|COURIER)'.*")) {
            return answer(WALLET_TOKEN_NEEDED, "exchange it at token-service: GET /api/v1/wallet/token", locale);
        }
        if (roles.contains("'ACCOUNT'") && (request.isUserInRole("BUYER") || request.isUserInRole("COURIER"))) {
            return answer(ACCOUNT_TOKEN_NEEDED, "send the identity provider's", locale);
        }
        return answer(FORBIDDEN, null, locale);
    }

    /** As the endpoint's author wrote them, such as {@code hasAnyRole('BUYER', 'AUDITOR')}. */
    private static String admittedRoles(AccessDeniedException failure) {
        return failure instanceof AuthorizationDeniedException denied
                        && denied.getAuthorizationResult() instanceof ExpressionAuthorizationDecision decision
                ? decision.getExpression().getExpressionString()
                : "";
    }

    /** Whatever else goes wrong: the framework's own refusals by their status, and our faults. */
    @ExceptionHandler
    ResponseEntity<ProblemDetail> failed(Exception failure, Locale locale) {
        if (failure instanceof ErrorResponse refusal) {
            ResponseEntity<ProblemDetail> answer =
                    answer(reasonFor(refusal.getStatusCode()), refusal.getBody().getDetail(), locale);
            HttpHeaders headers = new HttpHeaders(refusal.getHeaders());
            headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
            return new ResponseEntity<>(answer.getBody(), headers, refusal.getStatusCode());
        }
        if (failure instanceof RequestRejectedException) {
            return answer(BAD_REQUEST, null, locale);
        }
        if (Failures.isTransient(failure)) {
            failures.warn("a request is to come again", failure);
            return answer(TRY_AGAIN, "nothing was changed; repeat the request", locale);
        }
        failures.error("a request failed", failure);
        return answer(INTERNAL_ERROR, null, locale);
    }

    @Override
    public void commence(HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
            throws IOException {
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        write(response, UNAUTHENTICATED, "send a valid access token as Authorization: Bearer", request.getLocale());
    }

    @Override
    public void handle(HttpServletRequest request, HttpServletResponse response, AccessDeniedException failure)
            throws IOException {
        write(response, FORBIDDEN, null, request.getLocale());
    }

    /** For filters, which no {@link ExceptionHandler} serves. */
    void write(HttpServletResponse response, Exception failure, Locale locale) throws IOException {
        ResponseEntity<ProblemDetail> answer = failed(failure, locale);
        response.setStatus(answer.getStatusCode().value());
        answer.getHeaders().forEach((name, values) -> values.forEach(value -> response.setHeader(name, value)));
        response.getOutputStream().write(json.writeValueAsBytes(answer.getBody()));
    }

    /** The same for what is refused. */
    void write(HttpServletResponse response, RejectionReason reason, @Nullable String detail, Locale locale)
            throws IOException {
        response.setStatus(reason.status().value());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        Duration retryAfter = reason.retryAfter();
        if (retryAfter != null) {
            response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(retryAfter.toSeconds()));
        }
        response.getOutputStream().write(json.writeValueAsBytes(problem(reason, detail, locale)));
    }

    ResponseEntity<ProblemDetail> refused(HttpStatusCode status, Locale locale) {
        return answer(reasonFor(status), null, locale);
    }

    private ResponseEntity<ProblemDetail> answer(RejectionReason reason, @Nullable String detail, Locale locale) {
        ResponseEntity.BodyBuilder answer =
                ResponseEntity.status(reason.status()).contentType(MediaType.APPLICATION_PROBLEM_JSON);
        Duration retryAfter = reason.retryAfter();
        if (retryAfter != null) {
            answer.header(HttpHeaders.RETRY_AFTER, Long.toString(retryAfter.toSeconds()));
        }
        return answer.body(problem(reason, detail, locale));
    }

    private ProblemDetail problem(RejectionReason reason, @Nullable String detail, Locale locale) {
        ProblemDetail problem = ProblemDetail.forStatus(reason.status());
        problem.setType(URI.create(
                "urn:jiucang:problem:" + reason.name().toLowerCase(Locale.ROOT).replace('_', '-')));
        problem.setTitle(Objects.requireNonNull(messages.getMessage("problem." + reason.name(), null, locale)));
        problem.setDetail(detail);
        problem.setProperty("reason", reason.name());
        return problem;
    }

    private static RejectionReason reasonFor(HttpStatusCode status) {
        return switch (status.value()) {
            case 401 -> UNAUTHENTICATED;
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 405 -> METHOD_NOT_ALLOWED;
            case 406 -> NOT_ACCEPTABLE;
            case 413 -> BODY_TOO_LARGE;
            case 415 -> UNSUPPORTED_MEDIA_TYPE;
            default -> status.is4xxClientError() ? BAD_REQUEST : INTERNAL_ERROR;
        };
    }
}
