package io.jiucang.starter.web;

import static io.jiucang.starter.RequestRejected.Reason.BODY_TOO_LARGE;
import static io.jiucang.starter.RequestRejected.Reason.IDEMPOTENCY_KEY_MALFORMED;
import static io.jiucang.starter.RequestRejected.Reason.IDEMPOTENCY_KEY_MISSING;
import static io.jiucang.starter.RequestRejected.Reason.IDEMPOTENCY_KEY_REUSED;
import static io.jiucang.starter.RequestRejected.Reason.REQUEST_IN_FLIGHT;

import io.jiucang.events.value.Sha256;
import io.jiucang.starter.RejectionReason;
import io.jiucang.starter.RequestRejected;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Runs a POST once per {@code Idempotency-Key} and subject (draft-ietf-httpapi-idempotency-key-header).
 *
 * <p>The request's effect and its stored answer are one transaction: after a crash there are both or neither, so the
 * key is never left in between. While the first request runs, an advisory lock of that transaction tells others that it
 * is in flight. A refusal (4xx) is stored too, but undoes what the request had done before, unless its {@link
 * RejectionReason#keepsEffect reason} is about just that. Faults of ours (5xx) undo everything and are not stored, so
 * that they may be tried again.
 *
 * <p>A request that pauses its transaction ({@link RequestTransaction}) lets go of the key as well. Where its twin runs then,
 * the first to go on has the effect, and the other is told to come again.
 *
 * <p>A body may hold a password. So its hash is taken together with the key, and of the key only a hash is stored: whoever
 * reads the table cannot try passwords against it, because a key is as random as its client made it.
 */
final class IdempotencyFilter extends OncePerRequestFilter {

    static final String HEADER = "Idempotency-Key";
    /** Attribute of a request whose refusal keeps its effect. */
    static final String KEEPS_EFFECT = IdempotencyFilter.class.getName() + ".keepsEffect";

    static final int LARGEST_BODY = 1 << 20;

    private static final int LONGEST_KEY = 128;

    private final JdbcClient jdbc;
    private final PlatformTransactionManager transactions;
    private final Problems problems;

    IdempotencyFilter(JdbcClient jdbc, PlatformTransactionManager transactions, Problems problems) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.problems = problems;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !HttpMethod.POST.matches(request.getMethod())
                || !request.getServletPath().startsWith("/api/v1/")
                || request.getUserPrincipal() == null;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String key = request.getHeader(HEADER);
        if (key == null) {
            refuse(request, response, IDEMPOTENCY_KEY_MISSING, "send an " + HEADER + ", new for each intended effect");
            return;
        }
        if (key.isBlank() || key.length() > LONGEST_KEY) {
            refuse(request, response, IDEMPOTENCY_KEY_MALFORMED, "1 to " + LONGEST_KEY + " characters");
            return;
        }
        byte[] body = request.getInputStream().readNBytes(LARGEST_BODY + 1);
        if (body.length > LARGEST_BODY) {
            refuse(request, response, BODY_TOO_LARGE, "at most " + LARGEST_BODY + " bytes");
            return;
        }
        Call call = new Call(request.getUserPrincipal().getName(), hash(key), hash(key, request, body));
        ContentCachingResponseWrapper answer = new ContentCachingResponseWrapper(response);
        Run run = new Run(call);
        try {
            run(run, new BufferedRequest(request, body), answer, chain);
            run.end();
        } catch (RuntimeException e) {
            run.undoAfter(e);
            // The container would log each whole, where a database that is away fails them all.
            problems.write(response, e, request.getLocale());
            return;
        } catch (IOException | ServletException | Error e) {
            run.undoAfter(e);
            throw e;
        }
        answer.copyBodyToResponse();
    }

    private void run(Run run, HttpServletRequest request, ContentCachingResponseWrapper response, FilterChain chain)
            throws IOException, ServletException {
        if (!run.begin()) {
            refuse(request, response, REQUEST_IN_FLIGHT, "the first request with this key still runs; try later");
            return;
        }
        Answer stored = find(run.call).orElse(null);
        if (stored == null) {
            run.markStart();
            request.setAttribute(RequestTransaction.PAUSABLE, run);
            chain.doFilter(request, response);
            if (response.getStatus() >= 500) {
                run.undo();
            } else if (run.isOpen()) {
                if (response.getStatus() >= 400 && request.getAttribute(KEEPS_EFFECT) == null) {
                    run.undoSinceStart();
                }
                store(run.call, response);
            }
        } else if (!stored.requestHash.equals(run.call.requestHash)) {
            refuse(request, response, IDEMPOTENCY_KEY_REUSED, "this key belongs to another request");
        } else {
            replay(stored, response);
        }
    }

    /** One request's hold on its key: a transaction, or none while it is paused or after it ended. */
    private final class Run implements RequestTransaction.Pausable {

        private final Call call;
        private @Nullable TransactionStatus transaction;
        private @Nullable Object start;

        Run(Call call) {
            this.call = call;
        }

        /** @return whether the key is free, and now ours */
        boolean begin() {
            transaction = transactions.getTransaction(TransactionDefinition.withDefaults());
            return lock(call);
        }

        void markStart() {
            start = opened().createSavepoint();
        }

        void undoSinceStart() {
            opened().rollbackToSavepoint(Objects.requireNonNull(start));
        }

        boolean isOpen() {
            return transaction != null;
        }

        void undo() {
            TransactionStatus open = transaction;
            transaction = null;
            if (open != null) {
                transactions.rollback(open);
            }
        }

        /** Where the connection is gone, so is what was done over it. */
        void undoAfter(Throwable failure) {
            try {
                undo();
            } catch (TransactionException e) {
                failure.addSuppressed(e);
            }
        }

        void end() {
            TransactionStatus open = transaction;
            transaction = null;
            if (open != null) {
                transactions.commit(open);
            }
        }

        @Override
        public void pause() {
            undo();
        }

        @Override
        public void resume() {
            if (!begin() || find(call).isPresent()) {
                undo();
                throw new RequestRejected(REQUEST_IN_FLIGHT, "the same request runs, or was answered; repeat it");
            }
            markStart();
        }

        private TransactionStatus opened() {
            return Objects.requireNonNull(transaction);
        }
    }

    private boolean lock(Call call) {
        return jdbc.sql("select pg_try_advisory_xact_lock(hashtextextended(?, 1))")
                .param(call.subject + '\n' + call.key)
                .query(Boolean.class)
                .single();
    }

    private Optional<Answer> find(Call call) {
        return jdbc.sql("""
                        select request_hash, status, content_type, location, body from idempotent_request
                        where subject = ? and idempotency_key = ?""")
                .params(call.subject, call.key)
                .query((row, number) -> new Answer(
                        row.getString(1), row.getInt(2), row.getString(3), row.getString(4), row.getBytes(5)))
                .optional();
    }

    private void store(Call call, ContentCachingResponseWrapper response) {
        jdbc.sql("""
                        insert into idempotent_request
                            (subject, idempotency_key, request_hash, status, content_type, location, body)
                        values (?, ?, ?, ?, ?, ?, ?)""")
                .param(call.subject)
                .param(call.key)
                .param(call.requestHash)
                .param(response.getStatus())
                .param(response.getContentType())
                .param(response.getHeader(HttpHeaders.LOCATION))
                .param(response.getContentAsByteArray())
                .update();
    }

    private static void replay(Answer stored, HttpServletResponse response) throws IOException {
        response.setStatus(stored.status);
        if (stored.contentType != null) {
            response.setContentType(stored.contentType);
        }
        if (stored.location != null) {
            response.setHeader(HttpHeaders.LOCATION, stored.location);
        }
        response.getOutputStream().write(stored.body);
    }

    private void refuse(HttpServletRequest request, HttpServletResponse response, RejectionReason reason, String detail)
            throws IOException {
        problems.write(response, reason, detail, request.getLocale());
    }

    private static String hash(String key) {
        return Sha256.hex(key.getBytes(StandardCharsets.UTF_8));
    }

    private static String hash(String key, HttpServletRequest request, byte[] body) {
        MessageDigest digest = Sha256.digest();
        digest.update((key + '\n' + request.getRequestURI() + '?' + request.getQueryString() + '\n')
                .getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest.digest(body));
    }

    /** @param key hash of the idempotency key */
    private record Call(String subject, String key, String requestHash) {}

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Answer(
            String requestHash,
            int status,
            @Nullable String contentType,
            @Nullable String location,
            byte[] body) {}

    /** The request with its body, already read, to be read again. */
    private static final class BufferedRequest extends HttpServletRequestWrapper {

        private final byte[] body;

        BufferedRequest(HttpServletRequest request, byte[] body) {
            super(request);
            this.body = body;
        }

        @Override
        public ServletInputStream getInputStream() {
            ByteArrayInputStream bytes = new ByteArrayInputStream(body);
            return new ServletInputStream() {
                @Override
                public int read() {
                    return bytes.read();
                }

                @Override
                public int read(byte[] buffer, int offset, int length) {
                    return bytes.read(buffer, offset, length);
                }

                @Override
                public boolean isFinished() {
                    return bytes.available() == 0;
                }

                @Override
                public boolean isReady() {
                    return true;
                }

                @Override
                public void setReadListener(ReadListener listener) {
                    throw new IllegalStateException("read synchronously");
                }
            };
        }

        @Override
        public BufferedReader getReader() {
            return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
        }
    }
}
