//! Runs blocking reads off the async runtime, a bounded number at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

use crate::error::{self, ApiError, Code};
use crate::receipt::Attempts;
use crate::{ReadError, ReadModel};

/// Reads in flight, running and waiting. More are refused at once: a queue that only grows answers nobody.
const READS_MAX: usize = 256;
/// Reads running at once when the machine does not tell its cores.
const RUNNING_DEFAULT: usize = 2;
/// Searches are answered after a multiple of this and at most as much again, drawn at random: the time of a refusal must not tell whether there was something to refuse. The multiple
/// hides the work, the random part what is left of it in how a busy machine wakes who worked more (without it 0.15 between two distributions of times, beside other work).
const SEARCH_STEP: Duration = Duration::from_millis(25);

/// The read model with its limits; clones share both.
#[derive(Clone)]
pub(crate) struct Reads {
    model: Arc<dyn ReadModel>,
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
    pub(crate) attempts: Attempts,
}

impl Reads {
    pub(crate) fn new(model: Arc<dyn ReadModel>) -> Self {
        // Twice the cores: some reads wait for the disk.
        let running =
            std::thread::available_parallelism().map_or(RUNNING_DEFAULT, |cores| cores.get() * 2);
        Self {
            model,
            admitted: Arc::new(Semaphore::new(READS_MAX)),
            running: Arc::new(Semaphore::new(running)),
            attempts: Attempts::new(),
        }
    }

    /// [`Reads::run`], answered within a [`SEARCH_STEP`] after the next multiple of it.
    pub(crate) async fn search<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn ReadModel) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let asked = Instant::now();
        let answer = self.run(read).await;
        let steps = asked.elapsed().as_micros() / SEARCH_STEP.as_micros() + 1;
        let due = asked + SEARCH_STEP * u32::try_from(steps).unwrap_or(u32::MAX);
        sleep_until(due + SEARCH_STEP.mul_f64(rand::random())).await;
        answer
    }

    /// Runs `read` on a blocking thread.
    ///
    /// # Errors
    /// [`Code::Busy`] when too many wait, [`Code::Internal`] when the read panicked, else what the read said.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn ReadModel) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Ok(_admitted) = self.admitted.try_acquire() else {
            return Err(Code::Busy.with_hint("同时查询的人多，几秒后再试"));
        };
        // The permit moves into the thread: a reader who hangs up does not make room that is still in use.
        let running =
            Arc::clone(&self.running).acquire_owned().await.expect("the semaphore is never closed");
        let model = Arc::clone(&self.model);
        let done = spawn_blocking(move || {
            let _running = running;
            read(model.as_ref())
        })
        .await;
        match done {
            Ok(answer) => answer.map_err(ApiError::from),
            Err(panicked) => Err(error::internal(&panicked)),
        }
    }
}
